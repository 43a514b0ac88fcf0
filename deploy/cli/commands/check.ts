import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Description } from '@baton/pipeline'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { preparePipeline } from './prepare-pipeline.ts'
import { treeLines } from './tree-lines.ts'

/** Type-checks, bundles and loads a pipeline as a meta-build does, and draws what it is. Runs nothing of it. */
export async function checkPipeline(call: Call, file: string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-check-'))
  try {
    const bundle = await preparePipeline(call, file, folder, true)
    const description = await describe(bundle, call)
    if (description === undefined) return exitCodes.red
    call.terminal.json(description)
    for (const line of treeLines(description)) call.terminal.say(line)
    return exitCodes.ok
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is wrong while it loads it says itself. */
async function describe(bundle: string, call: Call): Promise<Description | undefined> {
  const child = spawn(process.execPath, [bundle, '--describe'], { env: call.env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return code === 0 ? (JSON.parse(printed) as Description) : undefined
}
