import { openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { PipelineEvent } from '@baton/state-client/attempt'

/**
 * What happened in this process, one event a line in `journal.ndjson`. Written before it is sent: what a dead process
 * could not send any more is read from here. The line's number is the event's number.
 */
export interface Journal {
  append(event: PipelineEvent): void
  readonly count: number
  /** Events from that number on, as many as fit into one request. */
  read(from: number): PipelineEvent[]
}

const batchCountMax = 1000
const batchBytesMax = 1024 * 1024

/** Opens a fresh journal in `folder`. */
export function openJournal(folder: string): Journal {
  const fd = openSync(join(folder, 'journal.ndjson'), 'wx+', 0o644)
  const ends: number[] = []
  const endOf = (line: number): number => (line < 0 ? 0 : (ends[line] ?? 0))

  function append(event: PipelineEvent): void {
    const bytes = Buffer.from(`${JSON.stringify(event)}\n`)
    const start = endOf(ends.length - 1)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, start + at)
    ends.push(start + bytes.length)
  }

  function read(from: number): PipelineEvent[] {
    const start = endOf(from - 1)
    let to = from
    while (to < ends.length && to - from < batchCountMax && (to === from || endOf(to) - start <= batchBytesMax)) to += 1
    const bytes = Buffer.alloc(endOf(to - 1) - start)
    for (let at = 0; at < bytes.length; ) at += readSync(fd, bytes, at, bytes.length - at, start + at)
    const lines = bytes.toString().split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as PipelineEvent)
  }
  return {
    append,
    read,
    get count() {
      return ends.length
    },
  }
}
