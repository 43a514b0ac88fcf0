import { writeSync } from 'node:fs'
import { type BatonError, isBatonError } from '@baton/model'
import { exitCodes } from '../attempt/exit-codes.ts'

/**
 * Says on stderr why nothing runs, in the same form as the `baton` command; with --json as one line of JSON.
 * Written at once: the process may be ending. @returns the exit code
 */
export function sayNo(error: unknown, args: readonly string[]): number {
  const exitCode = isBatonError(error) ? exitCodes.wrongEnv : exitCodes.red
  writeSync(2, `${textOf(error, exitCode, args.includes('--json'))}\n`)
  return exitCode
}

/** What `sayNo` writes, for whoever has to say it when this thread no longer can. */
export const lineOfNo = (error: BatonError, args: readonly string[]): string =>
  `${textOf(error, exitCodes.red, args.includes('--json'))}\n`

function textOf(error: unknown, exitCode: number, isJson: boolean): string {
  if (!isBatonError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { code, message, hint, fields } = error
  if (isJson) return JSON.stringify({ code, message, hint, fields, exitCode })
  return `${message} (${code})${hint === undefined ? '' : `\nhint: ${hint}`}`
}
