import { isStepId, stepStatuses } from '@baton/model'
import type { PipelineEvent } from '@baton/state-client'

/**
 * The events of a journal: one JSON value a line, its line number its number. A torn last line is no event; reading
 * ends at the first line that is none, because what follows could not be numbered.
 */
export function readJournal(text: string): PipelineEvent[] {
  const events: PipelineEvent[] = []
  const lines = text.split('\n')
  lines.pop()
  for (const line of lines) {
    const event = findEvent(line)
    if (event === undefined) break
    events.push(event)
  }
  return events
}

const isStepStatus = (status: unknown): boolean => stepStatuses.some((one) => one === status)

function findEvent(line: string): PipelineEvent | undefined {
  try {
    const value = JSON.parse(line) as PipelineEvent | null
    if (value?.type === 'plan') return Array.isArray(value.steps) ? value : undefined
    return value?.type === 'step' && isStepStatus(value.status) ? value : undefined
  } catch {
    return undefined
  }
}

/** The ids of all steps that the events name. */
export function stepsOf(events: readonly PipelineEvent[]): string[] {
  const ids = events.flatMap((event) => (event.type === 'plan' ? event.steps.map(({ id }) => id) : [event.step]))
  return [...new Set(ids.filter((id) => typeof id === 'string' && isStepId(id)))]
}
