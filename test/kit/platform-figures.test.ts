import { hostname } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../platform/ask.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { type Carbon, createCarbon } from './carbon.ts'
import { listQueries, metricsOf, readDashboard } from './dashboards.ts'
import { isMissing } from './needed-program.ts'
import { checkMetrics, startPrometheus } from './prometheus.ts'

const limitMs = 60_000
const hasNoCarbon = isMissing('carbon-cache', 'graphite-carbon')
const hasNoPrometheus = isMissing('prometheus', 'prometheus') || isMissing('promtool', 'prometheus')

const files = {
  'pipeline.ts': `import { pipeline, sh, step } from '@baton/pipeline'
export default pipeline('greedy', { cpus: 0.25, memMb: 200 }, [
  step('take', sh\`head -c 3000000 /dev/zero > kept && node -e "const b = Buffer.alloc(120e6, 1); const end = Date.now() + 1500; while (Date.now() < end); b.at(0)"\`),
])
`,
}

describe('what pipelines and services take can be seen', () => {
  let platform: StartedPlatform
  let carbon: Carbon | undefined
  let urls: Record<string, string>
  beforeAll(async () => {
    if (!hasNoCarbon) {
      carbon = await createCarbon()
      await carbon.start()
    }
    const reporting = { GRAPHITE_HOST: '127.0.0.1', GRAPHITE_PORT: `${carbon?.port}` }
    platform = await startPlatform({ env: carbon === undefined ? {} : reporting })
    const { stateUrl, builderUrl, spawnerUrl } = platform.file
    urls = { 'baton-controller': stateUrl, 'baton-builder': builderUrl, 'baton-spawner': spawnerUrl }
    const repository = await platform.repository('greedy', files)
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success', limitMs)
    return async () => {
      await platform.stop()
      await carbon?.stop()
    }
  })

  const metricsPage = async (url: string) => (await ask(`${url}/metrics`, { token: platform.serviceToken })).text

  test.skipIf(hasNoCarbon)('a run-once pipeline leaves its figures in Graphite', async () => {
    const figure = async (name: string) => {
      const path = `baton.pipeline-state-controller.${hostname().replace(/[^\w-]+/g, '_')}.${name}.greedy.build`
      return await waitFor(path, limitMs, async () => (await carbon?.read(path))?.at(-1) ?? notYet('no figure'))
    }
    expect(await figure('pipeline_starts_total')).toBe(1)
    expect(await figure('pipeline_restarts_total')).toBe(0)
    expect(await figure('pipeline_cpu_seconds_total')).toBeGreaterThan(0.3)
    expect(await figure('pipeline_duration_seconds')).toBeGreaterThan(1.4)
    expect(await figure('pipeline_memory_max_bytes')).toBeGreaterThan(120e6)
    expect(await figure('pipeline_asked_memory_bytes')).toBe(200 * 1024 * 1024)
    expect(await figure('pipeline_asked_cpus')).toBe(0.25)
    expect(await figure('pipeline_disk_bytes')).toBeGreaterThan(3e6)
  })

  test.skipIf(hasNoPrometheus)('the metrics of every service are clean to Prometheus, which scrapes them', async () => {
    for (const [name, url] of Object.entries(urls)) expect(await checkMetrics(await metricsPage(url)), name).toBe('')
    const prometheus = await startPrometheus(urls, platform.serviceToken)
    try {
      await waitFor('all services to be scraped', limitMs, async () => {
        const up = await prometheus.query('up')
        return up.length === 3 && up.every(({ value }) => value === 1) ? true : notYet(JSON.stringify(up))
      })
      const [starts] = await prometheus.query('pipeline_starts_total{pipeline="greedy",lane="build"}')
      expect(starts?.value).toBe(1)
      for (const { targets } of readDashboard('prometheus').panels)
        for (const { expr = '' } of targets) {
          const filled = expr
            .replace('$pipeline', '.*')
            .replace('$lane', 'build')
            .replace(/\$__\w+/, '1m')
          expect(await waitFor(filled, limitMs, async () => found(await prometheus.query(filled)))).not.toEqual([])
        }
    } finally {
      await prometheus.stop()
    }
  })

  test('every metric that a dashboard names is exported by a service', async () => {
    const pages = await Promise.all(Object.values(urls).map(metricsPage))
    const exported = new Set(pages.join('\n').match(/^[a-z_]+/gm))
    for (const name of ['prometheus', 'graphite'] as const) {
      const named = listQueries(readDashboard(name)).flatMap(metricsOf)
      expect(new Set(named).size).toBeGreaterThan(10)
      expect(named.filter((metric) => !exported.has(metric))).toEqual([])
    }
    expect(['pipeline_gone_total'].filter((metric) => !exported.has(metric))).toHaveLength(1)
  })
})

const found = <T>(results: readonly T[]) => (results.length > 0 ? results : notYet('nothing'))
