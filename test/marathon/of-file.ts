import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { bundleMarathon, MarathonProcess } from './marathon-process.ts'

/** A folder that is there from the first test of a file to its last, with the server's bundle in it. */
export interface FolderOfFile {
  readonly path: string
  readonly bundle: string
}

function folderOfFile(): FolderOfFile {
  const path = join(tmpdir(), `baton-marathon-${randomUUID()}`)
  beforeAll(async () => {
    await mkdir(path)
    await bundleMarathon(path)
  })
  afterAll(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return { path, bundle: join(path, 'local-marathon.mjs') }
}

/** One server for all tests of a file. Hooks of the file that come later find it running. */
export function marathonOfFile(environment: Record<string, string> = {}) {
  const folder = folderOfFile()
  const marathon = new MarathonProcess(folder.bundle, join(folder.path, 'data'), environment)
  beforeAll(() => marathon.start())
  afterAll(() => marathon.clear())
  return { folder, marathon }
}

/** Servers that the tests of a file start themselves, each on data of its own; after each test they are cleared. */
export function marathonsOfFile() {
  const folder = folderOfFile()
  const created: MarathonProcess[] = []
  afterEach(async () => {
    for (const marathon of created.splice(0)) await marathon.clear()
  })
  let count = 0
  function create(environment: Record<string, string> = {}): MarathonProcess {
    const marathon = new MarathonProcess(folder.bundle, join(folder.path, `data-${count++}`), environment)
    created.push(marathon)
    return marathon
  }
  /** `extra` is for this start alone: whoever starts it again says it again. */
  async function start(extra: Record<string, string> = {}): Promise<MarathonProcess> {
    const marathon = create()
    await marathon.start(extra)
    return marathon
  }
  return { folder, create, start }
}
