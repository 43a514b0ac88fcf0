import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from 'esbuild'
import { oneFile, requireBanner } from '../../../deploy/release/bundle-processes.ts'
import type { Measured } from '../measured.ts'
import { median } from '../median.ts'
import { pssMb } from '../pss.ts'
import type { LoneRow } from '../row.ts'
import { requestsPerSecond, type Server, startServer } from '../server.ts'

const checkout = join(import.meta.dirname, '..', '..', '..')
const starts = 15
const rounds = 16
const roundSeconds = 1
const restMs = 10_000

const entries = {
  kit: join(checkout, 'libs/service-kit/src/service/fixtures/greeter.ts'),
  fastify: join(checkout, 'test/bench/floors/bare-fastify.ts'),
  node: join(checkout, 'test/bench/floors/bare-node.ts'),
} as const
type Name = keyof typeof entries

/** What the service kit costs: the service of its page, bundled as a release is, beside bare Fastify and bare Node. */
export const kit: LoneRow = {
  name: 'kit',
  needs: 'nothing',
  async measure({ dir, progress }) {
    progress('kit: bundling')
    await build({
      ...oneFile,
      entryPoints: Object.entries(entries).map(([out, entry]) => ({ in: entry, out })),
      outdir: dir,
      outExtension: { '.js': '.mjs' },
      absWorkingDir: checkout,
      banner: { js: requireBanner },
    })
    const start = (name: Name) => startServer(join(dir, `${name}.mjs`))
    return [await measureStart(start, progress), ...(await measureServing(start, progress))]
  },
}

type Start = (name: Name) => Promise<Server>

async function measureStart(start: Start, progress: (text: string) => void): Promise<Measured> {
  const ms: Record<Name, number[]> = { kit: [], fastify: [], node: [] }
  for (let round = 1; round <= starts; round += 1) {
    progress(`kit: start ${round} of ${starts}`)
    for (const name of ['node', 'fastify', 'kit'] as const) {
      const server = await start(name)
      ms[name].push(server.startMs)
      await server.stop()
    }
  }
  const of = (name: Name) => median(ms[name])
  return {
    name: 'kit',
    measure: 'start of a service, more than bare Node',
    unit: 'ms',
    result: of('kit') - of('node'),
    floor: undefined,
    limit: { most: 150, of: 'itself' },
    note: `until it listens, medians of ${starts}: kit ${of('kit').toFixed(0)} ms, Fastify ${of('fastify').toFixed(0)} ms, Node ${of('node').toFixed(0)} ms`,
  }
}

async function measureServing(start: Start, progress: (text: string) => void): Promise<Measured[]> {
  const [service, floor] = [await start('kit'), await start('fastify')]
  try {
    progress('kit: coming to rest')
    await requestsPerSecond(`${service.url}/health`, 1)
    await pause(restMs)
    const idleMb = pssMb(service.pid)
    const speeds: { kit: number[]; floor: number[] } = { kit: [], floor: [] }
    for (let round = 1; round <= rounds; round += 1) {
      progress(`kit: serving, ${round} of ${rounds}`)
      // Now one goes first, now the other: what the machine does beside it meets both.
      const turns = [
        async () => speeds.floor.push(await requestsPerSecond(`${floor.url}/hello/you`, roundSeconds)),
        async () => speeds.kit.push(await requestsPerSecond(`${service.url}/hello/you`, roundSeconds)),
      ]
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
    }
    const note = `medians of ${rounds} turns of ${roundSeconds} s; ${pssMb(service.pid).toFixed(1)} MB after them, bare Fastify ${pssMb(floor.pid).toFixed(1)} MB`
    return [
      {
        name: 'kit',
        measure: 'requests a second, floor: bare Fastify',
        unit: '/s',
        result: median(speeds.kit),
        floor: median(speeds.floor),
        limit: { least: 0.9, of: 'floor' },
        note,
      },
      {
        name: 'kit',
        measure: 'idle service, PSS',
        unit: 'MB',
        result: idleMb,
        floor: undefined,
        limit: { most: 60, of: 'itself' },
        note: '',
      },
    ]
  } finally {
    await Promise.all([service.stop(), floor.stop()])
  }
}
