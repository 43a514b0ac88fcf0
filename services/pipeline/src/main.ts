import { basename } from 'node:path'
import { type Description, describe } from '@baton/pipeline/library'
import { exitCodes } from './attempt/exit-codes.ts'
import { loadHere } from './load/load-here.ts'
import type { Definition } from './load/load-pipeline.ts'
import { sayNo } from './load/say-no.ts'
import { nameSourcesInStacks } from './load/source-places.ts'

/**
 * The whole process. With a ticket in the environment it is one attempt of a build; with `--describe` it prints what the
 * pipeline is; otherwise it runs right here. Ends the process. `load` evaluates the user's `file`, and only then.
 */
export async function main(load: Definition['load'], file = 'pipeline.ts'): Promise<never> {
  // Whoever ends before its time has not succeeded.
  process.exitCode = exitCodes.red
  nameSourcesInStacks(process.argv[1] ?? '')
  const args = process.argv.slice(2)
  process.exit(await findMode(args, process.env)({ file, load }).catch((error) => sayNo(error, args)))
}

type Mode = (definition: Definition) => Promise<number>

function findMode(args: readonly string[], env: NodeJS.ProcessEnv): Mode {
  if (args.includes('--describe')) return async (definition) => await printDescription(definition, args)
  // Loaded only when they are needed: every module before the claim is a delay of the first step.
  if (env['BATON_TICKET'])
    return async (definition) => (await import('./attempt/run-attempt.ts')).runAttempt(definition, env)
  return async (definition) => (await import('./laptop/run-here.ts')).runHere(definition, args, env)
}

/** Whatever the user's file prints while it loads goes to stderr: stdout is the description and nothing else. */
async function printDescription(definition: Definition, args: readonly string[]): Promise<number> {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write
  const file = basename(process.argv[1] ?? '') as Description['file']
  const description = { ...describe(await loadHere(definition, args)), file }
  await new Promise<void>((resolve) => write(`${JSON.stringify(description)}\n`, () => resolve()))
  return exitCodes.success
}
