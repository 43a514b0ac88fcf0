import { Registry } from '@baton/service-kit'
import { expect, test } from 'vitest'
import { createFigures } from './figures.ts'

const usage = {
  durationMs: 4_000,
  cpuSeconds: 6,
  memoryMaxBytes: 300 * 1024 * 1024,
  diskBytes: 5_000,
  asked: { cpus: 0.5, memMb: 512, diskMb: 0 },
}
const nameOf = (pipeline: string, number: number, attempt = 1) => ({ pipeline, number, attempt })

async function textOf(count: (figures: ReturnType<typeof createFigures>) => void): Promise<string> {
  const registry = new Registry()
  count(createFigures(registry))
  return await registry.metrics()
}

test('what each pipeline took stands beside what it asked for', async () => {
  const text = await textOf(({ started, ended }) => {
    started(nameOf('todo', 1))
    ended(nameOf('todo', 1), { status: 'success', usage })
    ended(nameOf('todo', 2), { status: 'failure' })
  })
  for (const line of [
    'pipeline_cpus{pipeline="todo",lane="build"} 1.5',
    'pipeline_asked_cpus{pipeline="todo",lane="build"} 0.5',
    'pipeline_memory_max_bytes{pipeline="todo",lane="build"} 314572800',
    'pipeline_asked_memory_bytes{pipeline="todo",lane="build"} 536870912',
    'pipeline_duration_seconds{pipeline="todo",lane="build"} 4',
    'pipeline_cpu_seconds_total{pipeline="todo",lane="build"} 6',
    'pipeline_ends_total{pipeline="todo",lane="build",status="success"} 1',
    'pipeline_ends_total{pipeline="todo",lane="build",status="failure"} 1',
  ])
    expect(text.split('\n')).toContain(line)
})

test('a start that is told twice is one, and a second attempt a restart', async () => {
  const text = await textOf(({ started }) => {
    for (const name of [nameOf('todo', 1), nameOf('todo', 1), nameOf('todo', 1, 2), nameOf('~todo', 1)]) started(name)
  })
  expect(text).toContain('pipeline_starts_total{pipeline="todo",lane="build"} 2\n')
  expect(text).toContain('pipeline_restarts_total{pipeline="todo",lane="build"} 1\n')
  expect(text).toContain('pipeline_restarts_total{pipeline="~todo",lane="meta"} 0\n')
})

test('series do not grow without end', async () => {
  const text = await textOf(({ started }) => {
    for (let at = 0; at < 600; at += 1) started(nameOf(`p${at}`, 1))
  })
  expect(text).toContain('pipeline_starts_total{pipeline="others",lane="build"} 100\n')
  expect(text.match(/^pipeline_starts_total\{/gm)).toHaveLength(501)
})
