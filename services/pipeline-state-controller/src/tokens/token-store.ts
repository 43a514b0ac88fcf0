import type { Token } from '@baton/state-client'

/** Tokens of people and automation, hashed at rest. Those of the settings and of attempts are not here. */
export interface TokenStore {
  /** @throws TOKEN_NAME_TAKEN */
  add(token: { name: string; role: Token['role'] }, now: Date): Promise<{ id: string; token: string }>
  list(now: Date): Promise<Token[]>
  /** Gone is gone: removing one that is not there is no error. */
  remove(id: string, now: Date): Promise<void>
  /** Whose token this is, if it did not expire. */
  find(token: string, now: Date): Promise<Pick<Token, 'name' | 'role'> | undefined>
  /** Makes a link that logs a browser in, once, within ten minutes. @returns its key */
  makeLink(who: string, now: Date): Promise<string>
  /** Burns a link. @returns the token of a session, which expires @throws LINK_UNKNOWN */
  useLink(key: string, now: Date): Promise<string>
}
