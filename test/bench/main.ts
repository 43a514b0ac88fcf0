import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPlatform } from '../platform/start-platform.ts'
import { judge, type Measured } from './measured.ts'
import type { LoneRow, Row } from './row.ts'
import { builds } from './rows/builds.ts'
import { firstLine } from './rows/first-line.ts'
import { kit } from './rows/kit.ts'
import { marathon } from './rows/marathon.ts'
import { memory } from './rows/memory.ts'
import { output } from './rows/output.ts'
import { step } from './rows/step.ts'
import { tableOf } from './table.ts'

const rows: readonly (Row | LoneRow)[] = [firstLine, step, builds, output, memory, kit, marathon]
const names = rows.map(({ name }) => name).join(', ')

const usage = `npm run bench -- [--only NAME ...] [--json]

Measures the platform and, in the same run, the floor: the same work without a platform. NAME is one of ${names}.
Ends with 0 when everything could be measured, whatever the figures are.`

/** Reads the command line. @throws a sentence about what is wrong with it */
function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const unknown = values.only?.find((name) => rows.every((row) => row.name !== name))
  if (unknown !== undefined) throw new Error(`there is no row ${unknown}; there are ${names}`)
  return { ...values, chosen: rows.filter(({ name }) => values.only?.includes(name) ?? true) }
}

/** Each row has a platform of its own, if it needs one: none measures what another one left behind. */
async function measureRow(row: Row | LoneRow): Promise<Measured[]> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-'))
  try {
    return 'needs' in row ? await row.measure({ dir, progress }) : await measureOnPlatform(row, dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
    progress('')
  }
}

async function measureOnPlatform(row: Row, dir: string): Promise<Measured[]> {
  progress(`${row.name}: starting a platform`)
  const platform = await startPlatform()
  try {
    return await row.measure({ platform, dir, progress })
  } finally {
    progress(`${row.name}: stopping the platform`)
    await platform.stop()
  }
}

/** One line that is written over; only for people. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

async function main(): Promise<number> {
  const { chosen, json, help } = readArguments()
  if (help) {
    console.log(usage)
    return 0
  }
  const all: Measured[] = []
  let isWhole = true
  for (const row of chosen) {
    try {
      all.push(...(await measureRow(row)))
    } catch (error) {
      isWhole = false
      console.error(`${row.name} could not be measured:`, error)
    }
  }
  const judged = all.map(judge)
  console.log(json ? JSON.stringify(judged, null, 2) : tableOf(judged))
  return isWhole ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})
