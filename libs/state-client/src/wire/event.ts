import { type Static, Type } from 'typebox'
import { Count } from './words.ts'

/**
 * A change, as GET /api/events streams it. `data` is the whole small object as it is now, so a repeat changes nothing.
 * Topics: overview, pipeline:<pipeline>, build:<pipeline>#<number>, ledger:<slug>, repositories.
 */
export const StateEvent = Type.Object({
  id: Count,
  type: Type.Union([
    Type.Literal('build'),
    Type.Literal('step'),
    Type.Literal('attempt'),
    Type.Literal('output'),
    Type.Literal('ledger'),
    Type.Literal('repository'),
    Type.Literal('version'),
  ]),
  topics: Type.Array(Type.String()),
  data: Type.Unknown(),
})
export type StateEvent = Static<typeof StateEvent>
