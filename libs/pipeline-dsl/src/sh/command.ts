import { errors } from '../errors.ts'
import type { Duration } from '../tree/duration.ts'
import type { Retry } from '../tree/retry.ts'
import { quote, type ShValue } from './quote.ts'
import { createQuotingScanner } from './quoting-context.ts'

export interface ShOptions extends Retry {
  /** More environment for this command. */
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs, seen from the step's own folder. */
  readonly cwd?: string
  /** How long this command may run; then it is ended and fails. */
  readonly timeout?: Duration
  /** Exit codes that are no failure. Default: 0. */
  readonly allow?: readonly number[]
}

/** A shell command as a value: nothing runs until its step does. */
export interface ShCommand {
  readonly kind: 'sh'
  readonly script: string
  readonly options: ShOptions
}

type Template<R> = (strings: TemplateStringsArray, ...values: ShValue[]) => R
/** sh`...`, or sh({ env, cwd, timeout, allow })`...`. */
export type ShTag<R> = Template<R> & ((options: ShOptions) => Template<R>)

// Linux, MAX_ARG_STRLEN: one argument of a program has at most 128 kB, its final NUL included.
const scriptBytesMax = 131_071

/** Makes an sh tag: what becomes of the command is up to `use`. */
export function createShTag<R>(use: (command: ShCommand) => R): ShTag<R> {
  const tag =
    (options: ShOptions) =>
    (strings: TemplateStringsArray, ...values: ShValue[]) =>
      use({ kind: 'sh', script: scriptOf(strings, values), options })
  return ((first: TemplateStringsArray | ShOptions, ...values: ShValue[]) =>
    Array.isArray(first)
      ? tag({})(first as unknown as TemplateStringsArray, ...values)
      : tag(first as ShOptions)) as ShTag<R>
}

/** The script with every value quoted. @throws SH_VALUE, SH_QUOTED, SH_TOO_LONG */
function scriptOf(strings: TemplateStringsArray, values: readonly ShValue[]): string {
  const scanner = createQuotingScanner()
  let script = ''
  strings.raw.forEach((raw, at) => {
    const literal = asWritten(raw)
    scanner.feed(literal)
    script += literal
    if (at >= values.length) return
    const where = scanner.complaint()
    if (where !== undefined) throw errors.SH_QUOTED({ where })
    script += quote(values[at] as ShValue)
    // Whatever was quoted, the shell goes on after a closed quote.
    scanner.feed('x')
  })
  const bytes = Buffer.byteLength(script)
  if (bytes > scriptBytesMax) throw errors.SH_TOO_LONG({ bytes, max: scriptBytesMax })
  return script
}

/** The text as one reads it in the file: only the backslashes that JavaScript itself needs (\` and \${) are gone. */
const asWritten = (raw: string): string => raw.replace(/\\(?=`|\$\{)/g, '')

/** A command in a few words, for errors and reasons. */
export function shortOf(script: string): string {
  const line = script.trim().split('\n')[0] ?? ''
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
