import { isBatonError } from '@baton/model'
import type { ShCommand } from '../sh/command.ts'
import { tryAgain } from './retry.ts'
import type { Job } from './state.ts'

type Ended<T> = { readonly value: T } | { readonly error: unknown }

/** How a command that has failed says so: these are tried again, mistakes in the pipeline are not. */
const failures = ['SH_FAILED', 'SH_SIGNALLED', 'SH_TIMED_OUT']

/** Runs a command as often as its options say. @throws what its last try threw */
export async function runCommand<T>(job: Job, command: ShCommand, once: () => Promise<T>): Promise<T> {
  const { retry } = command.options
  if (retry === undefined) return await once()
  const attempt = async (): Promise<Ended<T>> =>
    await once().then(
      (value) => ({ value }),
      (error) => ({ error }),
    )
  const hasFailed = (ended: Ended<T>): boolean =>
    'error' in ended && isBatonError(ended.error) && failures.includes(ended.error.code)
  const ended = await tryAgain(job, command.options, attempt, hasFailed)
  if ('error' in ended) throw ended.error
  return ended.value
}
