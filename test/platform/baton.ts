import { join } from 'node:path'
import { checkout } from '../../deploy/checkout.ts'
import { type Ended, type RunOptions, run } from './run.ts'

/** The file that is `baton`. */
export const batonFile = join(checkout, 'deploy/bin/baton.mjs')

/** How a command ended; `json` is the last line it printed, of those printed with --json. */
export interface BatonEnded extends Ended {
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever came
  readonly json: any
}

/** Runs one command of the CLI as a person would: as a process of its own. */
export async function runBaton(args: readonly string[], options: RunOptions = {}): Promise<BatonEnded> {
  const ended = await run(process.execPath, [batonFile, ...args], options)
  const last = ended.out.trim().split('\n').at(-1) ?? ''
  return { ...ended, json: readJson(last) }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
