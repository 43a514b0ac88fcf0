import { writeSync } from 'node:fs'
import { isBatonError } from '@baton/model'
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

function textOf(error: unknown, exitCode: number, isJson: boolean): string {
  if (!isBatonError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { code, message, hint, fields } = error
  if (isJson) return JSON.stringify({ code, message, hint, fields, exitCode })
  return `${message} (${code})${hint === undefined ? '' : `\nhint: ${hint}`}`
}
