import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'
import { errors } from '../errors.ts'

/** How long the controller's word on a token holds here, in ms. */
const knownMs = 10_000
const knownMax = 100

/**
 * Lets through who shows the service token, or any token the controller knows.
 * @returns throws TOKEN_MISSING, TOKEN_UNKNOWN, STATE_UNREACHABLE for everybody else
 */
export function createAuthorize(options: { serviceToken: string; state: StateClient; clock: Clock }) {
  const { state, clock } = options
  const service = digest(options.serviceToken)
  const known = new Map<string, number>()

  return async (request: { headers: { authorization?: string | undefined } }): Promise<void> => {
    const token = /^Bearer (\S{1,500})$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw errors.TOKEN_MISSING()
    const shown = digest(token)
    if (timingSafeEqual(shown, service)) return
    const name = shown.toString('hex')
    const untilMs = known.get(name)
    if (untilMs !== undefined && untilMs > clock.monotonicMs()) return
    await state.withToken(token).me()
    if (known.size >= knownMax) known.clear()
    known.set(name, clock.monotonicMs() + knownMs)
  }
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()
