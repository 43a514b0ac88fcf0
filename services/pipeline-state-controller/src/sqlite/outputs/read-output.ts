import { messageBytesMax } from '../../versions/message.ts'
import { type Database, toBuffer } from '../database.ts'

export interface OutputRow {
  id: number
  bytes: number
  lines: number
  last_offset: number
}

export const findOutput = (db: Database, build: number, attempt: number, step: string): OutputRow | undefined =>
  db.find<OutputRow>('SELECT * FROM outputs WHERE build = ? AND attempt = ? AND step = ?', build, attempt, step)

/** Bytes [offset, offset + limitBytes) of an output, fewer at its end. */
export function readRange(db: Database, output: OutputRow, offset: number, limitBytes: number): Buffer {
  const end = Math.min(output.bytes, offset + limitBytes)
  if (offset >= end) return Buffer.alloc(0)
  const chunks = db.list<{ offset: number; data: Buffer }>(
    `SELECT offset, data FROM chunks WHERE output = ?1 AND offset < ?2
       AND offset >= (SELECT max(offset) FROM chunks WHERE output = ?1 AND offset <= ?3) ORDER BY offset`,
    output.id,
    end,
    offset,
  )
  const parts = chunks.map((chunk) =>
    toBuffer(chunk.data).subarray(Math.max(0, offset - chunk.offset), Math.max(0, end - chunk.offset)),
  )
  return Buffer.concat(parts)
}

/** The last bytes of a step's output, one more than a message may have so that a cut is seen. */
export function readTail(db: Database, build: number, attempt: number, step: string): Buffer {
  const output = findOutput(db, build, attempt, step)
  if (output === undefined) return Buffer.alloc(0)
  const limitBytes = messageBytesMax + 1
  return readRange(db, output, Math.max(0, output.bytes - limitBytes), limitBytes)
}
