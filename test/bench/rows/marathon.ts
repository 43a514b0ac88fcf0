import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleMarathon, MarathonProcess, waitFor } from '../../marathon/marathon-process.ts'
import { plainEnvironment } from '../../platform/run.ts'
import type { Measured } from '../measured.ts'
import { median, quantile } from '../median.ts'
import type { LoneRow } from '../row.ts'
import { openSignalPipe, type SignalPipe } from '../signal-pipe.ts'

const rounds = 40
/** The first ones find cold caches. */
const warmUps = 10
const appCount = 500
const lists = 50
const startMaxMs = 300_000

const small = { cpus: 0.001, mem: 1, portDefinitions: [] }
/** As the spawner sends it: whoever ends is not started again. */
const runOnce = { backoffSeconds: 604_800, backoffFactor: 1, maxLaunchDelaySeconds: 604_800 }

/** The local Marathon alone: from POST to a running command, and what many apps cost. */
export const marathon: LoneRow = {
  name: 'marathon',
  needs: 'nothing',
  async measure({ dir, progress }) {
    progress('marathon: bundling')
    const server = new MarathonProcess(await bundleMarathon(dir), join(dir, 'data'))
    const pipe = openSignalPipe(dir)
    try {
      await server.start()
      return [await measureStart(server, pipe, progress), ...(await measureMany(server, progress))]
    } finally {
      progress('marathon: ending all tasks')
      pipe.close()
      await server.clear()
    }
  },
}

async function measureStart(
  server: MarathonProcess,
  pipe: SignalPipe,
  progress: (text: string) => void,
): Promise<Measured> {
  const [floors, results]: [number[], number[]] = [[], []]
  for (let round = -warmUps; round < rounds; round += 1) {
    progress(`marathon: start ${Math.max(0, round + 1)} of ${rounds}`)
    const [floor, result] = [await msOfSpawn(pipe), await msOfPost(server, pipe, `/bench/start-${round + warmUps}`)]
    if (round >= 0) floors.push(floor)
    if (round >= 0) results.push(result)
  }
  return {
    name: 'marathon',
    measure: 'POST /v2/apps to the first instruction',
    unit: 'ms',
    result: median(results),
    floor: median(floors),
    limit: { most: 25, of: 'above floor' },
    note: `medians of ${rounds}; nine of ten within ${quantile(results, 0.9).toFixed(1)} ms; floor: the same command, spawned; nine of ten within ${quantile(floors, 0.9).toFixed(1)} ms`,
  }
}

async function msOfSpawn(pipe: SignalPipe): Promise<number> {
  const runs = pipe.next()
  const startedAt = performance.now()
  const child = spawn('/bin/sh', ['-c', pipe.command], { env: plainEnvironment(), stdio: 'ignore' })
  const ended = once(child, 'exit')
  await runs
  const ms = performance.now() - startedAt
  await ended
  return ms
}

async function msOfPost(server: MarathonProcess, pipe: SignalPipe, id: string): Promise<number> {
  const runs = pipe.next()
  const startedAt = performance.now()
  const posted = server.ask('POST', '/v2/apps', { ...small, ...runOnce, id, cmd: pipe.command })
  await runs
  const ms = performance.now() - startedAt
  await posted
  await server.remove(id)
  return ms
}

/** One idle task each: what a machine full of services looks like. */
async function measureMany(server: MarathonProcess, progress: (text: string) => void): Promise<Measured[]> {
  progress(`marathon: starting ${appCount} apps`)
  const apps = Array.from({ length: appCount }, (_, at) => ({
    ...small,
    id: `/many/app-${at}`,
    args: ['sleep', '1000000'],
  }))
  const { status } = await server.ask('PUT', '/v2/apps', apps)
  if (status !== 200) throw new Error(`${appCount} apps at once: ${status}`)
  await waitFor('all of them to run', startMaxMs, async () => {
    const { body } = await server.ask('GET', '/v2/deployments')
    return body.length === 0
  })
  const ms: number[] = []
  let bytes = 0
  for (let round = -warmUps; round < lists; round += 1) {
    progress(`marathon: list ${Math.max(0, round + 1)} of ${lists}`)
    const startedAt = performance.now()
    bytes = (await (await fetch(`${server.url}/v2/apps?embed=apps.tasks`)).arrayBuffer()).byteLength
    if (round >= 0) ms.push(performance.now() - startedAt)
  }
  return [
    {
      name: 'marathon',
      measure: `list of ${appCount} apps with their tasks`,
      unit: 'ms',
      result: median(ms),
      floor: undefined,
      limit: { most: 50, of: 'itself' },
      note: `median of ${lists}; nine of ten within ${quantile(ms, 0.9).toFixed(1)} ms; ${(bytes / 1e6).toFixed(2)} MB`,
    },
    {
      name: 'marathon',
      measure: `server with ${appCount} tasks, resident`,
      unit: 'MB',
      result: residentMb(server.pid),
      floor: undefined,
      limit: { most: 150, of: 'itself' },
      note: 'right after the lists; its tasks not counted',
    },
  ]
}

/** `VmRSS:  12345 kB` */
function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1_000
}
