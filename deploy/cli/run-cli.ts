import { isBatonError } from '@baton/model'
import { CommanderError } from 'commander'
import { createCall, type Surroundings } from './command.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { createNamer } from './name-data.ts'
import { createProgram } from './program.ts'
import { createTerminal, type Stream } from './terminal.ts'

export interface CliSurroundings extends Surroundings {
  readonly out: Stream
  readonly err: Stream
}

/** Runs one command line. Never throws: what went wrong is said on stderr, and the exit code says who has to act. */
export async function runCli(args: readonly string[], around: CliSurroundings): Promise<number> {
  let code: number = exitCodes.ok
  const program = createProgram(async (command) => {
    const { json, data } = program.opts<{ json?: boolean; data?: string }>()
    const name = createNamer(data)
    const terminal = createTerminal(json === true, around.out, around.err, name)
    code = await command(createCall(terminal, data, around)).catch((error: unknown) => {
      terminal.end()
      return sayError(error, json === true, around, name)
    })
    terminal.end()
  })
  for (const command of [
    program,
    ...program.commands.flatMap((one) => [one, ...one.commands, ...one.commands.flatMap((two) => two.commands)]),
  ]) {
    command.exitOverride()
    command.configureOutput({
      writeOut: (text) => around.out.write(text),
      writeErr: (text) => around.err.write(text),
    })
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return sayError(error, false, around, createNamer(undefined))
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
}

/** The sentence, the code, and what to do. */
function sayError(error: unknown, isJson: boolean, { err }: CliSurroundings, name: (text: string) => string): number {
  if (error instanceof Error && error.name === 'AbortError') return exitCodes.interrupted
  const exitCode = exitCodeOf(error)
  if (!isBatonError(error)) {
    err.write(`a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return exitCode
  }
  const { code, message, fields } = error
  const hint = error.hint === undefined ? undefined : name(error.hint)
  if (isJson) err.write(`${JSON.stringify({ code, message, hint, fields, exitCode })}\n`)
  else err.write(`${message} (${code})\n${hint === undefined ? '' : `hint: ${hint}\n`}`)
  return exitCode
}
