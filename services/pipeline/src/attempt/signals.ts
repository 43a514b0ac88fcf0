import { reason } from '@baton/model'
import type { Order } from '@baton/pipeline/engine'

/** Marathon's kill grace for run-once apps, less 5 s for the steps to end and 7 s to report. */
const finallyMaxMs = 18_000

/** What ends a build from within this process: a signal, and an error that nobody caught. */
export function hearSignals(stop: (order: Order, finallyMaxMs?: number) => void): void {
  process.on('SIGTERM', () =>
    stop({ status: 'killed', reason: reason('killed.stop', { who: 'Marathon' }) }, finallyMaxMs),
  )
  const crash = (error: unknown): void => {
    console.error(error)
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
    stop({ status: 'failure', reason: reason('failure.threw', { step: 'pipeline.ts', name, message }) })
  }
  process.on('uncaughtException', crash).on('unhandledRejection', crash)
}
