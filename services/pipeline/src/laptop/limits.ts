import { isOver } from '@baton/model'
import { describe, type Pipeline, type PlannedStep } from '@baton/pipeline'
import { type Recorder, timeLimitsOf } from '@baton/pipeline/engine'
import { errors } from '../errors.ts'
import { lineOfNo } from '../load/say-no.ts'
import type { TimeWatch } from './time-watch.ts'

interface Running {
  readonly name: string
  readonly endsAt: number
}

/** Tells the watch how long what runs may last: the steps by their own limits, all together by the pipeline's. */
export function limitSteps(
  recorder: Recorder,
  pipeline: Pipeline,
  watch: TimeWatch,
  args: readonly string[],
): Recorder {
  const limits = timeLimitsOf(pipeline)
  const buildEndsAt = Date.now() + describe(pipeline).timeoutMs
  const names = new Map<string, string>()
  const running = new Map<string, Running>()

  function tell(): void {
    const steps = [...running.values()]
    const step = steps.map(({ name }) => name).join(', ')
    const endsAt = lastEndOf(
      steps.map((one) => one.endsAt),
      buildEndsAt,
    )
    watch.mayLast({ endsAt, says: lineOfNo(errors.STEP_NEVER_PAUSES({ step }), args) })
  }

  return {
    ...recorder,
    plan(steps: readonly PlannedStep[]) {
      for (const { id, name } of steps) names.set(id, name)
      recorder.plan(steps)
    },
    step(id, status, more) {
      recorder.step(id, status, more)
      if (!limits.has(id)) return
      const limitMs = limits.get(id) ?? Number.POSITIVE_INFINITY
      if (status === 'running') running.set(id, { name: names.get(id) ?? id, endsAt: Date.now() + limitMs })
      if (isOver(status)) running.delete(id)
      tell()
    },
  }
}

/**
 * When everything that runs is over its time. Which of several steps holds up the others cannot be seen from outside, so
 * one that may go on protects them all, up to the pipeline's own limit.
 */
export function lastEndOf(stepsEndAt: readonly number[], buildEndsAt: number): number {
  return stepsEndAt.length === 0 ? buildEndsAt : Math.min(Math.max(...stepsEndAt), buildEndsAt)
}
