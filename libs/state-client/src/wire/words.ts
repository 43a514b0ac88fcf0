import { Type } from 'typebox'

/** The wire protocol between a run-once process and the controller. Controllers serve this one and the one before. */
export const protocolNow = 1
export const protocolsServed = [1] as const

/** A moment on the wire: ISO 8601, UTC, milliseconds. */
export const Moment = Type.String({ format: 'date-time' })
export const Commit = Type.String({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$', description: 'full commit hash' })
export const Slug = Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 32 })
export const PipelineName = Type.String({
  pattern: '^~?[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$',
  maxLength: 66,
})
export const Ref = Type.String({ pattern: '^refs/[^\\s~^:?*\\[\\\\]+$', maxLength: 255 })
export const Count = Type.Integer({ minimum: 0 })
export const Reason = Type.Object({
  code: Type.String({ maxLength: 40 }),
  args: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
})
export const Nothing = Type.Object({})

/** Where work belongs: user builds are placed by the Spawner, meta-builds by the Builder. */
export const Lane = Type.Union([Type.Literal('build'), Type.Literal('meta')])
export type Lane = 'build' | 'meta'
