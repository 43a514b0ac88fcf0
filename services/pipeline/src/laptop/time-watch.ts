import { Worker } from 'node:worker_threads'
import { markerVariable } from '@baton/pipeline/engine'

/** What the other thread is told: until when what runs may last, and what to say if it has to be ended. */
interface Limit {
  readonly endsAt: number
  readonly says: string
}

/** Ends code of the user's that never pauses. Timers of this thread cannot: they wait for their turn as everything does. */
export interface TimeWatch {
  /** From now on this counts; what was told before does not. */
  mayLast(limit: Limit): void
}

const beatMs = 200

/**
 * A thread of its own looks whether this one still takes turns. When it does not although its time is over, it says so on
 * stderr and ends this process, and those that steps of this run have started. Nothing else is possible: cut off inside of
 * a callback, Node does not go on.
 */
export function startTimeWatch(nonce: string): TimeWatch {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref()
  const workerData: WatchData = { beats, marker: `${markerVariable}=${nonce}:` }
  const worker = new Worker(`(${watch})(require)`, { eval: true, workerData, execArgv: [] })
  worker.unref()
  worker.on('error', () => {}) // Without it a run is only less strict.
  return { mayLast: (limit) => worker.postMessage(limit) }
}

interface WatchData {
  readonly beats: Int32Array
  readonly marker: string
}

/** Runs in the other thread, from its own text: it may use nothing but what it names itself. */
function watch(require: NodeJS.Require): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads')
  const { readdirSync, readFileSync, writeSync } = require('node:fs') as typeof import('node:fs')
  const { beats, marker } = workerData as WatchData
  const lookMs = 250
  const stillMsMax = 1000
  const killRoundsMax = 20
  let limit: Limit | undefined
  let beat = 0
  let stillSince = Date.now()
  parentPort?.on('message', (told: Limit) => {
    limit = told
  })
  setInterval(() => {
    const now = Date.now()
    if (Atomics.load(beats, 0) !== beat) {
      beat = Atomics.load(beats, 0)
      stillSince = now
    }
    if (limit === undefined || now - stillSince < stillMsMax || now < limit.endsAt + stillMsMax) return
    writeSync(2, limit.says)
    for (let round = 0; round < killRoundsMax && killMarked() > 0; round += 1);
    process.kill(process.pid, 'SIGKILL')
  }, lookMs)

  function killMarked(): number {
    const marked = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isMarked(name))
    for (const pid of marked) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {} // It is gone meanwhile.
    }
    return marked.length
  }

  function isMarked(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1')
        .split('\0')
        .some((one) => one.startsWith(marker))
    } catch {
      return false // It is gone, or somebody else's.
    }
  }
}
