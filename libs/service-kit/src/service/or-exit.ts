import { exitCodes } from './serve.ts'

/**
 * What `open` gives, for the first lines of a main.ts: settings, a database. What it throws is the operator's to mend, so
 * the process ends with a sentence and no stack.
 */
export async function orExit<T>(open: () => T | Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return process.exit(exitCodes.notCleanlyStopped)
  }
}
