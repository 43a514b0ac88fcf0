import { Counter, Gauge, type Registry } from '@baton/service-kit'
import type { Result, Usage } from '@baton/state-client'
import type { AttemptName } from '../attempts/attempt-store.ts'

/** More pipelines than these share one series: labels from outside must not grow without end. */
const pipelinesMax = 500
/** A claim or a result that is repeated within so many others counts once. */
const rememberedMax = 10_000

/** How often builds start and end, and what they take of their machines, for each pipeline. */
export interface Figures {
  /** A process claimed its attempt. */
  started(name: AttemptName): void
  ended(name: AttemptName, result: Pick<Result, 'status' | 'usage'>): void
}

type Labels = { pipeline: string; lane: 'build' | 'meta' }

const labelNames = ['pipeline', 'lane'] as const

/** Of each pipeline's last build. `asked` is what Marathon was asked for, and so what the figure above it is held against. */
const gauges = {
  pipeline_duration_seconds: ['From its claim to its end', ({ durationMs }) => durationMs / 1_000],
  pipeline_cpus: [
    'CPUs that it kept busy on average',
    ({ cpuSeconds, durationMs }) => (cpuSeconds * 1_000) / Math.max(1, durationMs),
  ],
  pipeline_asked_cpus: ['CPUs that it asked for', ({ asked }) => asked.cpus],
  pipeline_memory_max_bytes: ['Most memory of all its processes together', ({ memoryMaxBytes }) => memoryMaxBytes],
  pipeline_asked_memory_bytes: ['Memory that it asked for', ({ asked }) => asked.memMb * 1024 * 1024],
  pipeline_disk_bytes: ['What its sandbox took of the disk', ({ diskBytes }) => diskBytes],
  pipeline_asked_disk_bytes: ['Disk that it asked for', ({ asked }) => asked.diskMb * 1024 * 1024],
} as const satisfies Record<string, readonly [help: string, read: (usage: Usage) => number | undefined]>

/** Counts into a registry, from where it goes to /metrics and Graphite: a process that runs once cannot be asked itself. */
export function createFigures(registry: Registry): Figures {
  const counter = <T extends string>(name: string, help: string, ...more: T[]) =>
    new Counter({ name, help, labelNames: [...labelNames, ...more], registers: [registry] })
  const starts = counter('pipeline_starts_total', 'Processes of builds that started.')
  const restarts = counter('pipeline_restarts_total', 'Those of them that were not the first of their build.')
  const ends = counter('pipeline_ends_total', 'Builds that reported their end, by status.', 'status')
  const cpu = counter('pipeline_cpu_seconds_total', 'CPU time of builds, what their steps started included.')
  const readings = Object.entries(gauges).map(([name, [help, read]]) => ({
    gauge: new Gauge({ name, help: `${help}; of the last build.`, labelNames, registers: [registry] }),
    read,
  }))
  const pipelines = new Set<string>()
  const labelsOf = ({ pipeline }: AttemptName): Labels => {
    if (pipelines.size < pipelinesMax) pipelines.add(pipeline)
    return {
      pipeline: pipelines.has(pipeline) ? pipeline : 'others',
      lane: pipeline.startsWith('~') ? 'meta' : 'build',
    }
  }
  const [startedOnce, endedOnce] = [createOnce(), createOnce()]
  return {
    started(name) {
      if (!startedOnce(name)) return
      starts.inc(labelsOf(name))
      restarts.inc(labelsOf(name), name.attempt > 1 ? 1 : 0)
    },
    ended(name, { status, usage }) {
      if (!endedOnce(name)) return
      ends.inc({ ...labelsOf(name), status })
      if (usage === undefined) return
      cpu.inc(labelsOf(name), usage.cpuSeconds)
      for (const { gauge, read } of readings) {
        const value = read(usage)
        if (value !== undefined) gauge.set(labelsOf(name), value)
      }
    },
  }
}

/** Whether an attempt is named for the first time, as far as that is remembered. */
function createOnce(): (name: AttemptName) => boolean {
  const known = new Set<string>()
  return ({ pipeline, number, attempt }) => {
    const key = `${pipeline}#${number}.${attempt}`
    if (known.has(key)) return false
    known.add(key)
    if (known.size > rememberedMax) known.delete(known.values().next().value ?? '')
    return true
  }
}
