import { createHash, timingSafeEqual } from 'node:crypto'
import type { StateClient } from '@baton/state-client'
import type { FastifyRequest } from 'fastify'
import { errors } from '../errors.ts'

const bearer = /^Bearer ([\x21-\x7e]{1,1000})$/i
const rolesThatChange: readonly string[] = ['admin', 'service']

/** The controller, asked in the name of whoever asks us. @throws TOKEN_MISSING */
export function stateOf(request: FastifyRequest, state: StateClient): StateClient {
  return state.withToken(tokenOf(request))
}

/**
 * Lets through whoever shows the service token, also while the controller is away, or any token that it knows.
 * @returns throws TOKEN_MISSING, or what the controller says to the token
 */
export function createAuthorize(state: StateClient, serviceToken: string) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = tokenOf(request)
    if (!timingSafeEqual(digest(token), digest(serviceToken))) await state.withToken(token).me()
  }
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

function tokenOf(request: FastifyRequest): string {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw errors.TOKEN_MISSING()
  return token
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
