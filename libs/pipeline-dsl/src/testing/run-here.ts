import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reason, StepStatus } from '@baton/model'
import { type Run, type RunResult, startRun } from '../run/start-run.ts'
import type { RunOptions } from '../run/state.ts'
import type { Pipeline } from '../tree/node.ts'
import type { PlannedStep } from '../tree/plan.ts'

/** For tests: a pipeline that runs in a folder of its own, and everything that was recorded of it. */
export interface Recorded extends Run {
  readonly cwd: string
  readonly steps: PlannedStep[]
  /** `test:running`, `test:failure`..., by name, in order. */
  readonly moves: string[]
  readonly ends: Map<string, { status: StepStatus; reason?: Reason | undefined; result?: unknown }>
  output(name: string): Buffer
  text(name: string): string
}

const folders: string[] = []

/** Removes what the runs of this file left behind. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export function start(pipeline: Pipeline, options: Partial<RunOptions> = {}): Recorded {
  const folder = mkdtempSync(join(tmpdir(), 'baton-engine-'))
  folders.push(folder)
  const cwd = join(folder, 'workspace')
  mkdirSync(cwd)
  const [steps, moves, ends]: [PlannedStep[], string[], Recorded['ends']] = [[], [], new Map()]
  const nameOf = (id: string): string => steps.find((step) => step.id === id)?.name ?? id
  const run = startRun(pipeline, {
    recorder: {
      plan: (planned) => void steps.splice(0, steps.length, ...planned),
      step(id, status, more) {
        moves.push(`${nameOf(id)}:${status}`)
        ends.set(nameOf(id), { status, ...more })
      },
      outputPath: (id) => join(folder, `${id}.log`),
    },
    build: {
      pipeline: 'todo',
      number: 1,
      attempt: 1,
      commit: 'c'.repeat(40),
      ref: 'refs/heads/main',
      repository: 'todo',
    },
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
    ...options,
  })
  const output = (name: string): Buffer => {
    const file = join(folder, `${steps.find((step) => step.name === name)?.id}.log`)
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  }
  return { ...run, cwd, steps, moves, ends, output, text: (name) => output(name).toString() }
}

/** Runs to the end. */
export async function run(
  pipeline: Pipeline,
  options?: Partial<RunOptions>,
): Promise<Recorded & { result: RunResult }> {
  const started = start(pipeline, options)
  return { ...started, result: await started.done }
}

/** Waits until a condition holds. @throws after `limitMs` */
export async function until(what: string, holds: () => unknown, limitMs = 10_000): Promise<void> {
  const endsAt = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`waited ${limitMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether a process runs. One that ended and only waits to be collected does not. */
export const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
