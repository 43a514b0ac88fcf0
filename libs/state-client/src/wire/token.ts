import { type Static, Type } from 'typebox'
import { Moment } from './words.ts'

/** What a token may do. Build tokens are made by a claim and end with the attempt; they are not listed. */
export const TokenRole = Type.Union([Type.Literal('admin'), Type.Literal('service'), Type.Literal('read')])
export const NewToken = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }), role: TokenRole })
/** POST /api/tokens. The token itself is shown this once. */
export const MadeToken = Type.Object({ id: Type.String(), token: Type.String() })
export const Token = Type.Object({ id: Type.String(), name: Type.String(), role: TokenRole, createdAt: Moment })
export type Token = Static<typeof Token>
/** GET /api/me */
export const Me = Type.Object({ name: Type.String(), role: Type.String() })
