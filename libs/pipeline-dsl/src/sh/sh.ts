import { AsyncLocalStorage } from 'node:async_hooks'
import { errors } from '../errors.ts'
import { createShTag, type ShCommand, type ShTag } from './command.ts'

const running = new AsyncLocalStorage<string>()

/** Runs a step's function so that everything it calls knows that it is inside of a step. */
export const inStep = <T>(name: string, body: () => T): T => running.run(name, body)

/**
 * A shell command as a value, for `step(name, sh`...`)`. Every value in it becomes one shell word, quoted; a list
 * becomes several. It runs with `sh -e`: the first line that fails ends it.
 * @throws SH_INSIDE when called in a running step, where it would do nothing: there, take `sh` from the step's argument
 */
export const sh: ShTag<ShCommand> = createShTag((command) => {
  const step = running.getStore()
  if (step !== undefined) throw errors.SH_INSIDE({ step })
  return command
})
