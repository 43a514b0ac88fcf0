import { type FSWatcher, watch } from 'node:fs'
import { isBatonError } from '@baton/model'
import type { AttemptClient } from '@baton/state-client/attempt'
import type { Line } from '../attempt/line.ts'
import type { Outputs } from './outputs.ts'

/** Sends output files as they grow, beside the steps. */
export interface OutputSender {
  /** Looks at once instead of a moment later: this step is over. */
  hurry(step: string): void
  /** Looks at everything, as when the controller says that something is missing. */
  look(): void
  close(): void
}

const inFlightMax = 2
/** When the kernel's word about a change does not come (network file systems), this often is looked. */
const pollMs = 100
/** A step that prints line by line is not sent line by line: this long is collected after the first bytes. */
const collectMs = 40
const hurryBytes = 1024 * 1024

export function startOutputSender(
  options: { folder: string; outputs: Outputs; client: AttemptClient; line: Line },
  onProgress: () => void,
  onBroken: (error: unknown) => void,
): OutputSender {
  const { outputs, client, line } = options
  const busy = new Set<string>()
  const sentAt = new Map<string, number>()
  const hurried = new Set<string>()
  let isLooking = false

  function mayGo(step: string): boolean {
    if (busy.has(step)) return false
    const waiting = outputs.waiting(step)
    if (waiting <= 0) {
      if (hurried.has(step)) outputs.settle(step)
      return false
    }
    const isCollecting = performance.now() - (sentAt.get(step) ?? Number.NEGATIVE_INFINITY) < collectMs
    return !isCollecting || waiting >= hurryBytes || hurried.has(step)
  }

  function look(): void {
    // Whoever was sent longest ago comes first.
    const steps = outputs.list().filter(mayGo)
    steps.sort((a, b) => (sentAt.get(a) ?? 0) - (sentAt.get(b) ?? 0))
    for (const step of steps.slice(0, inFlightMax - busy.size)) void send(step).catch(onBroken)
  }

  async function send(step: string): Promise<void> {
    busy.add(step)
    sentAt.set(step, performance.now())
    try {
      const { offset, bytes } = outputs.read(step)
      outputs.sentUpTo(step, await nextOf(step, offset, bytes))
    } finally {
      busy.delete(step)
    }
    onProgress()
    look()
  }

  async function nextOf(step: string, offset: number, bytes: Buffer): Promise<number> {
    try {
      return (await line.ask((signal) => client.output(step, offset, bytes, signal))).next
    } catch (error) {
      if (isBatonError(error, 'OUTPUT_GAP')) return Number(error.fields['want']) || 0
      throw error
    }
  }

  /** Many changes in one turn of the event loop are one look. */
  function lookSoon(): void {
    if (isLooking) return
    isLooking = true
    setImmediate(() => {
      isLooking = false
      look()
    })
  }

  const watcher = openWatcher(options.folder, lookSoon)
  const timer = setInterval(look, pollMs)
  return {
    look,
    hurry(step) {
      hurried.add(step)
      lookSoon()
    },
    close() {
      clearInterval(timer)
      watcher?.close()
    },
  }
}

function openWatcher(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(folder, onChange).on('error', () => undefined)
  } catch {
    return undefined // No watches left on this machine: the poll remains.
  }
}
