import { isBatonError } from '@baton/model'
import { describe } from '@baton/pipeline'
import { exitCodes } from './attempt/exit-codes.ts'
import { type Definition, loadPipeline } from './definition.ts'

/**
 * The whole process. With a ticket in the environment it is one attempt of a build; with `--describe` it prints what the
 * pipeline is; otherwise it runs right here. Ends the process.
 */
export async function main(definition: Definition): Promise<never> {
  process.exit(await findMode(process.argv.slice(2), process.env)(definition).catch(wrong))
}

type Mode = (definition: Definition) => Promise<number>

function findMode(args: readonly string[], env: NodeJS.ProcessEnv): Mode {
  if (args.includes('--describe')) return printDescription
  // Loaded only when they are needed: every module before the claim is a delay of the first step.
  if (env['BATON_TICKET'])
    return async (definition) => (await import('./attempt/run-attempt.ts')).runAttempt(definition, env)
  return async (definition) => (await import('./laptop/run-here.ts')).runHere(definition, args, env)
}

/** Whatever the user's file prints while it loads goes to stderr: stdout is the description and nothing else. */
async function printDescription(definition: Definition): Promise<number> {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write
  const description = describe(await loadPipeline(definition))
  await new Promise<void>((resolve) => write(`${JSON.stringify(description)}\n`, () => resolve()))
  return exitCodes.success
}

function wrong(error: unknown): number {
  if (!isBatonError(error)) console.error(error)
  else console.error(`${error.code}: ${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}`)
  return isBatonError(error) ? exitCodes.wrongEnv : exitCodes.red
}
