import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStepOutput, type StepOutput } from '../output/step-output.ts'
import { createProcesses, type Processes } from '../processes/processes.ts'
import type { ShCommand } from '../sh/command.ts'
import type { ShPlace } from '../sh/run-command.ts'
import { runPiped } from '../sh/run-piped.ts'
import { runWhole } from '../sh/run-whole.ts'
import type { Planned } from '../tree/plan.ts'
import type { ShResult } from './context.ts'

/** What a run does to the world around it, beside its record: the real one, or one that is played in a test. */
export interface World {
  readonly processes: Processes
  /** Calls `then` after so many ms. @returns a function that calls it off */
  after(ms: number, then: () => void): () => void
  /** An empty folder in `parent`, or where temporary files are. */
  openWorkspace(parent: string | undefined): { readonly path: string; remove(): void }
  /** The output of a step, in the file that the recorder names. `onError`: a write failed; called once. */
  openOutput(path: string, needles: readonly Buffer[], onError: (error: unknown) => void): StepOutput
  /** A command that is a step by itself. */
  runWhole(place: ShPlace, command: ShCommand, hasSecrets: boolean): Promise<void>
  /** A command of a step's function. */
  runPiped(place: ShPlace, command: ShCommand): Promise<ShResult>
  /** Does what a step is for. @returns its value */
  perform(step: Planned, body: () => unknown): Promise<unknown>
}

/** Real processes, clocks and files. `nonce` tells the processes of this run from any other's. */
export function openWorld(nonce: string): World {
  return {
    processes: createProcesses(nonce),
    after(ms, then) {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
    openWorkspace(parent = tmpdir()) {
      mkdirSync(parent, { recursive: true })
      const path = mkdtempSync(join(parent, 'baton-workspace-'))
      return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
    },
    openOutput: openStepOutput,
    runWhole,
    runPiped,
    perform: async (_, body) => await body(),
  }
}
