import { createHmac } from 'node:crypto'
import { type Answer, ask } from './ask.ts'
import type { Moved } from './git-repository.ts'

export interface HookOptions {
  /** Without one the hook is unsigned; a wrong one makes it a forgery. */
  readonly secret?: string
  /** What the forge calls this delivery; sent again it is the same one. */
  readonly delivery?: string
}

/** Tells a service of one moved ref, in the form of the generic forge: `POST /hooks/generic`. */
export function sendHook(url: string, repository: string, moved: Moved, options: HookOptions = {}): Promise<Answer> {
  const { secret, delivery } = options
  const body = JSON.stringify({ repository, ...moved })
  const headers = {
    'content-type': 'application/json',
    ...(secret !== undefined && { 'x-baton-signature': signatureOf(body, secret) }),
    ...(delivery !== undefined && { 'x-baton-delivery': delivery }),
  }
  return ask(`${url}/hooks/generic`, { method: 'POST', body, headers })
}

/** What signs a body: the hook's secret is known to the forge and to the platform alone. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}
