import { isOver, type StepStatus, sentenceOf } from '@baton/model'
import type { PlannedStep } from '@baton/pipeline'
import type { View } from './view.ts'

const marks: Record<StepStatus, readonly [mark: string, colour: number]> = {
  queued: ['·', 90],
  running: ['▶', 36],
  waiting: ['…', 36],
  success: ['✔', 32],
  failure: ['✘', 31],
  killed: ['■', 33],
  'timed-out': ['⏱', 31],
  lost: ['?', 31],
  skipped: ['–', 90],
}

/** A log for people: each line of output with the name of its step, and at the end the tree. */
export function createTextView(write: (text: string) => void, options: { isColoured: boolean }): View {
  const steps = new Map<string, PlannedStep>()
  const statuses = new Map<string, StepStatus>()
  const startedAt = new Map<string, number>()
  const took = new Map<string, number>()
  const unfinished = new Map<string, string>()
  const paint = (colour: number, text: string): string => (options.isColoured ? `\x1b[${colour}m${text}\x1b[0m` : text)
  const nameOf = (id: string): string => steps.get(id)?.name ?? id
  const markOf = (status: StepStatus): string => paint(marks[status][1], marks[status][0])

  function print(id: string, line: string): void {
    write(`${paint(90, `${nameOf(id)} │`)} ${line}\n`)
  }

  function printed(id: string, text: string): void {
    const lines = ((unfinished.get(id) ?? '') + text).split('\n')
    unfinished.set(id, lines.pop() ?? '')
    for (const line of lines) print(id, line)
  }

  function moved(id: string, status: StepStatus, why: string): void {
    statuses.set(id, status)
    if (status === 'running') startedAt.set(id, performance.now())
    if (isOver(status) && startedAt.has(id)) took.set(id, performance.now() - (startedAt.get(id) ?? 0))
    const rest = unfinished.get(id)
    if (isOver(status) && rest) print(id, rest)
    if (isOver(status)) unfinished.delete(id)
    if (status !== 'skipped') write(`${markOf(status)} ${nameOf(id)}${timeOf(took.get(id))}${why}\n`)
  }

  return {
    planned(planned) {
      // Anew: what a tree has grown by stands in its midst.
      steps.clear()
      for (const step of planned) steps.set(step.id, step)
    },
    moved: (id, status, { reason }) => moved(id, status, reason === undefined ? '' : `  ${sentenceOf(reason)}`),
    printed,
    ended(result, kept) {
      write('\n')
      for (const { id, name } of steps.values()) {
        const indent = '  '.repeat(id.split('.').length - 1)
        write(`${indent}${markOf(statuses.get(id) ?? 'queued')} ${name}${timeOf(took.get(id))}\n`)
      }
      const why = result.reason === undefined ? '' : `: ${sentenceOf(result.reason)}`
      write(`\n${markOf(result.status)} ${result.status}${why}\n`)
      if (kept !== undefined) write(`${paint(90, `output: ${kept}`)}\n`)
    },
  }
}

const timeOf = (ms: number | undefined): string =>
  ms === undefined ? '' : `  ${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`
