import type { StateClient } from '@baton/state-client'
import type { FastifyRequest } from 'fastify'
import { errors } from '../errors.ts'

const bearer = /^Bearer ([\x21-\x7e]{1,1000})$/i
const rolesThatChange: readonly string[] = ['admin', 'service']

/** The controller, asked in the name of whoever asks us. @throws TOKEN_MISSING */
export function stateOf(request: FastifyRequest, state: StateClient): StateClient {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw errors.TOKEN_MISSING()
  return state.withToken(token)
}

/**
 * The same, for what makes us call a remote: only after the controller knows the token, so that nobody else can have
 * this machine look at addresses.
 * @throws TOKEN_MISSING, TOKEN_FORBIDDEN, and what the controller says to the token
 */
export async function adminStateOf(request: FastifyRequest, state: StateClient): Promise<StateClient> {
  const own = stateOf(request, state)
  const { role } = await own.me()
  if (!rolesThatChange.includes(role)) throw errors.TOKEN_FORBIDDEN({ role })
  return own
}
