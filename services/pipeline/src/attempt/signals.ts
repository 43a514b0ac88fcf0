import { reason } from '@baton/model'
import type { Order } from '@baton/pipeline/engine'

/** Marathon's kill grace for run-once apps, less 5 s for the steps to end and 7 s to report. */
const finallyMaxMs = 18_000

/** Marathon's word that the task has to end. */
export function hearSignals(stop: (order: Order, finallyMaxMs?: number) => void): void {
  process.on('SIGTERM', () =>
    stop({ status: 'killed', reason: reason('killed.stop', { who: 'Marathon' }) }, finallyMaxMs),
  )
}

/** An error that nobody caught makes the build red; it must not take this process with it. */
export function hearErrors(stop: (order: Order) => void): void {
  const crash = (error: unknown): void => {
    console.error(error)
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
    stop({ status: 'failure', reason: reason('failure.threw', { step: 'pipeline.ts', name, message }) })
  }
  process.on('uncaughtException', crash).on('unhandledRejection', crash)
}
