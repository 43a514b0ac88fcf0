import type { Static } from 'typebox'
import { type Door, pathOf } from '../transport/door.ts'
import type { MadeToken, Me, NewToken, Token } from '../wire/token.ts'

/** Who may ask. */
export interface TokenCalls {
  /** Whom the controller takes this token for. @throws TOKEN_MISSING, TOKEN_UNKNOWN */
  me(): Promise<Static<typeof Me>>
  listTokens(): Promise<Token[]>
  /** Makes a token, which is shown this once. */
  addToken(token: Static<typeof NewToken>): Promise<Static<typeof MadeToken>>
  removeToken(id: string): Promise<void>
  /** Where a browser logs in as the caller: once, within ten minutes. The path of the controller's address. */
  makeLoginLink(): Promise<{ path: string }>
}

export function tokenCalls(door: Door): TokenCalls {
  return {
    me: () => door.json({ method: 'GET', path: '/api/me', repeatable: true }),
    listTokens: () => door.json({ method: 'GET', path: '/api/tokens', repeatable: true }),
    addToken: (json) => door.json({ method: 'POST', path: '/api/tokens', json }),
    removeToken: (id) => door.tell({ method: 'DELETE', path: pathOf`/api/tokens/${id}` }),
    makeLoginLink: () => door.json({ method: 'POST', path: '/api/login-links' }),
  }
}
