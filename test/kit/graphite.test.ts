import { hostname } from 'node:os'
import { createLog, createService, openGraphite } from '@baton/service-kit'
import { Counter } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { type Carbon, createCarbon } from './carbon.ts'
import { isMissing } from './needed-program.ts'

const limitMs = 60_000

describe.skipIf(isMissing('carbon-cache', 'graphite-carbon'))('Graphite, the real one', () => {
  let carbon: Carbon
  beforeAll(async () => {
    carbon = await createCarbon()
    await carbon.start()
    return () => carbon.stop()
  })

  const lines: string[] = []
  const log = createLog({ service: 'greeter' }, { write: (line) => lines.push(line) })
  const service = createService({ name: 'greeter', version: '1.0.0', log, config: {} })
  const built = new Counter({
    name: 'builds_total',
    help: 'Builds.',
    labelNames: ['pipeline'],
    registers: [service.kit.registry],
  })
  afterAll(() => service.close())

  const stored = async (path: string, wanted: (values: number[]) => boolean) =>
    await waitFor(`figures of ${path}`, limitMs, async () => {
      const values = await carbon.read(path)
      return wanted(values) ? values : notYet(JSON.stringify(values))
    })

  test('stores what a service reports, also after it was killed and came back, and the last figures at the stop', async () => {
    built.inc({ pipeline: 'todo/deploy' }, 3)
    await service.inject('/health')
    const [reporter] = openGraphite(service, settingsOf(carbon, 1_000), log)
    const path = (name: string) => `test.greeter.${hostName()}.${name}`
    await stored(path('builds_total.todo_deploy'), (values) => values.at(-1) === 3)
    const [memory = 0] = await stored(path('process_resident_memory_bytes'), (values) => values.length > 0)
    expect(memory).toBeGreaterThan(10_000_000)
    await stored(path('http_request_duration_seconds_count.GET.health.200'), ([count]) => count === 1)

    await carbon.kill()
    await waitFor('the loss to be told', limitMs, async () => {
      const said = lines.find((line) => line.includes('were lost'))
      return said === undefined ? notYet(lines.join('')) : said
    })
    built.inc({ pipeline: 'todo/deploy' })
    await carbon.start()
    const both = await stored(path('builds_total.todo_deploy'), (values) => values.at(-1) === 4)
    expect(both).toContain(3)
    expect(lines.filter((line) => line.includes('were lost'))).toHaveLength(1)

    built.inc({ pipeline: 'todo/deploy' })
    await reporter?.close()
    await stored(path('builds_total.todo_deploy'), (values) => values.at(-1) === 5)
  })

  test('gets the figures of a process that ends at once', async () => {
    const once = createService({ name: 'once', version: '1.0.0', log, config: {} })
    new Counter({ name: 'runs_total', help: 'Runs.', registers: [once.kit.registry] }).inc()
    const [reporter] = openGraphite(once, { ...settingsOf(carbon, 3_600_000), graphitePrefix: 'test.once' }, log)
    await reporter?.close()
    await once.close()
    await stored(`test.once.${hostName()}.runs_total`, ([runs]) => runs === 1)
  })
})

function settingsOf(carbon: Carbon, graphiteIntervalMs: number) {
  return {
    graphiteHost: '127.0.0.1',
    graphitePort: carbon.port,
    graphitePrefix: 'test.greeter',
    graphiteIntervalMs,
  }
}

/** As a path of Graphite's names a machine: without dots, which would be folders. */
function hostName(): string {
  return hostname().replace(/[^\w-]+/g, '_')
}
