import { backoffMs, isBatonError } from '@baton/model'
import { createNonce } from '@baton/pipeline/engine'
import type { AttemptLink, ClaimAnswer } from '@baton/state-client/attempt'
import { pause } from './line.ts'
import type { TaskEnv } from './task-env.ts'

/** The wire protocol this process speaks: `protocolNow`, repeated here because its module is too heavy to load. */
const protocol = 1
const firstPauseMs = 50
const pauseMsMax = 5000
/** As the controller's own default; the claim's answer says what holds later. */
const silenceMaxMs = 15 * 60_000

export type Claimed = { readonly answer: ClaimAnswer } | { readonly refused: string } | { readonly silent: true }

/** Presents the ticket until somebody answers. The nonce is made once, so repeating a claim that was won is won again. */
export async function claim(link: AttemptLink, task: TaskEnv): Promise<Claimed> {
  const { pipeline, number, attempt, ticket, taskId } = task
  const sandbox = task.agent === undefined ? null : { agent: task.agent, path: task.sandbox }
  const request = { pipeline, number, attempt, ticket, taskId, nonce: createNonce(), protocol, sandbox }
  const beganAt = performance.now()
  for (let failures = 0; performance.now() - beganAt < silenceMaxMs; failures += 1) {
    try {
      return { answer: await link.claim(request) }
    } catch (error) {
      if (!isBatonError(error)) throw error
      if (error.kind !== 'unavailable' && error.kind !== 'limited')
        return { refused: `${error.code}: ${error.message}` }
    }
    await pause(backoffMs(failures, firstPauseMs, pauseMsMax))
  }
  return { silent: true }
}
