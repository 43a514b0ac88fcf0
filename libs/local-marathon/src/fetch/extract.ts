import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { FetchPlace } from './fetch-all.ts'

/** Unpacking a large archive takes its time, but not for ever. */
const unpackMaxMs = 10 * 60_000

/** By the end of the name, as the Mesos fetcher decides. The system's programs know every format and unpack as the task's account. */
const unpackers: readonly { ends: readonly string[]; command: (file: string) => [string, string[]] }[] = [
  {
    ends: ['.tar', '.tgz', '.tar.gz', '.tbz2', '.tar.bz2', '.txz', '.tar.xz'],
    command: (file) => ['tar', ['-x', '--no-same-owner', '-f', file]],
  },
  { ends: ['.zip'], command: (file) => ['unzip', ['-o', '-q', file]] },
  { ends: ['.gz'], command: (file) => ['gzip', ['-d', '-k', '-f', file]] },
]

function findUnpacker(path: string) {
  return unpackers.find(({ ends }) => ends.some((end) => path.toLowerCase().endsWith(end)))
}

export function isArchive(path: string): boolean {
  return findUnpacker(path) !== undefined
}

/** Unpacks into the sandbox; the archive stays beside its content. */
export async function extract(path: string, place: FetchPlace): Promise<void> {
  const unpacker = findUnpacker(path)
  if (!unpacker) return
  const [program, args] = unpacker.command(path)
  const options = { cwd: place.sandbox, signal: place.signal, timeout: unpackMaxMs, ...place.account.ids }
  await promisify(execFile)(program, args, { ...options, env: { PATH: process.env['PATH'] ?? '' } }).catch(
    (error: Error) => {
      throw new Error(`${program} could not unpack it: ${error.message}`, { cause: error })
    },
  )
}
