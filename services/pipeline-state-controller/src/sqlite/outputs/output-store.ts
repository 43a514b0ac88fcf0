import { isOver, isStepId } from '@baton/model'
import { errors } from '../../errors.ts'
import { type OutputPiece, type OutputStore, outputStepsMax } from '../../outputs/output-store.ts'
import { getForWriting, noteRefusal, noteSeen } from '../attempts/fence.ts'
import { toBuffer } from '../database.ts'
import { findStep, getBuildRow } from '../read.ts'
import { type Store, type Tx, write } from '../store.ts'
import { findOutput, type OutputRow, readRange } from './read-output.ts'

/** A last chunk smaller than this grows; a larger one is left alone. Rewriting costs its size each time. */
const growMaxBytes = 16_384
const newline = 0x0a

export function sqliteOutputStore(store: Store): OutputStore {
  return {
    append: async (name, step, offset, bytes, writer, now) =>
      noteRefusal(store, name, now, () =>
        write(store, 'output', now, (tx) => {
          const { attempt } = getForWriting(tx, name, writer)
          if (writer === 'process') noteSeen(tx, attempt)
          return append(tx, { build: attempt.build, attempt: attempt.number, step }, offset, bytes)
        }),
      ),
    read: async (build, step, range) => read(store, build, step, range),
  }
}

interface Place {
  readonly build: number
  readonly attempt: number
  readonly step: string
}

function append(tx: Tx, place: Place, offset: number, bytes: Buffer): number {
  const output = findOutput(tx.db, place.build, place.attempt, place.step) ?? addOutput(tx, place)
  if (offset > output.bytes) throw errors.OUTPUT_GAP({ want: output.bytes, step: place.step })
  const fresh = bytes.subarray(output.bytes - offset)
  if (fresh.length === 0) return output.bytes
  const chunkOffset = storeChunk(tx, output, fresh)
  const [total, lines] = [output.bytes + fresh.length, output.lines + countLines(fresh)]
  tx.db.run(
    'UPDATE outputs SET bytes = ?, lines = ?, last_offset = ? WHERE id = ?',
    total,
    lines,
    chunkOffset,
    output.id,
  )
  tx.touchStep(place.build, place.attempt, place.step)
  return total
}

function addOutput(tx: Tx, { build, attempt, step }: Place): OutputRow {
  if (!isStepId(step)) throw errors.STEP_INVALID({ step: step.slice(0, 80) })
  const sql = 'SELECT count(*) AS count FROM outputs WHERE build = ? AND attempt = ?'
  const count = tx.db.find<{ count: number }>(sql, build, attempt)?.count ?? 0
  if (count >= outputStepsMax) throw errors.OUTPUT_TOO_MANY({ max: outputStepsMax })
  tx.db.run('INSERT INTO outputs(build, attempt, step) VALUES (?, ?, ?)', build, attempt, step)
  const added = findOutput(tx.db, build, attempt, step)
  if (added === undefined) throw new Error(`the output of step ${step} was added and is not there`)
  return added
}

/** @returns where the chunk that holds the end of the output begins */
function storeChunk({ db }: Tx, output: OutputRow, fresh: Buffer): number {
  const lastBytes = output.bytes - output.last_offset
  if (output.bytes > 0 && lastBytes + fresh.length <= growMaxBytes) {
    const at = [output.id, output.last_offset] as const
    const last = db.find<{ data: Buffer }>('SELECT data FROM chunks WHERE output = ? AND offset = ?', ...at)
    const data = Buffer.concat([toBuffer(last?.data ?? Buffer.alloc(0)), fresh])
    db.run('UPDATE chunks SET data = ? WHERE output = ? AND offset = ?', data, ...at)
    return output.last_offset
  }
  db.run('INSERT INTO chunks VALUES (?, ?, ?, ?)', output.id, output.bytes, output.lines, fresh)
  return output.bytes
}

/** Byte by byte: in ordinary output a call of `indexOf` for each line takes twice as long. */
function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === newline) lines += 1
  return lines
}

function read(
  { db }: Store,
  named: { pipeline: string; number: number; attempt?: number | undefined },
  step: string,
  { offset, limitBytes }: { offset: number; limitBytes: number },
): OutputPiece {
  const { pipeline, number } = named
  const build = getBuildRow(db, pipeline, number)
  const attempt = named.attempt ?? build.attempt
  const output = findOutput(db, build.id, attempt, step)
  const status = findStep(db, build.id, attempt, step)?.status
  if (output === undefined && status === undefined)
    throw errors.OUTPUT_UNKNOWN({ step: step.slice(0, 80), pipeline, number })
  const ended = status !== undefined ? isOver(status) : isOver(build.status)
  if (output === undefined) return { bytes: Buffer.alloc(0), total: 0, ended }
  return { bytes: readRange(db, output, offset, limitBytes), total: output.bytes, ended }
}
