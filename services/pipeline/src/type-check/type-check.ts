import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '../errors.ts'
import { compilerSettings, type Declarations, findGround } from './compiler-settings.ts'
import { findTests } from './find-tests.ts'

export interface TypeCheckOptions {
  /** The repository's root. */
  readonly root: string
  readonly entryFile: string
  readonly toolchain: Declarations & { /** TypeScript's command. */ readonly tsc: string }
  /** A folder that is kept: what was found right is not checked again until one of its files changed. */
  readonly memory: string
  readonly log: (text: string) => void
}

const outputBytesMax = 4_000_000

/**
 * Checks a pipeline's code and its tests as a meta-build does: the same compiler, settings and words.
 * @throws TYPE_CHECK_FAILED with the compiler's messages
 */
export async function typeCheck({ root, entryFile, toolchain, memory, log }: TypeCheckOptions): Promise<void> {
  const files = [entryFile, ...findTests(root).map((path) => join(root, path))]
  const settings = JSON.stringify(compilerSettings({ own: findGround(root, log), toolchain, files }), undefined, 2)
  mkdirSync(memory, { recursive: true })
  const project = join(memory, 'tsconfig.json')
  const record = join(memory, 'right.json')
  if (isKnown(record, settings)) return
  writeFileSync(project, settings)
  const startedMs = Date.now()
  const { said, isRight } = await compile(toolchain.tsc, project, root)
  if (!isRight) throw errors.TYPE_CHECK_FAILED({ message: complaintsOf(said) })
  const read = [...listedFiles(said), join(root, 'tsconfig.json'), join(root, 'package.json')]
  writeFileSync(record, JSON.stringify({ settings, stamps: stampsOf(read, startedMs) }))
}

function compile(tsc: string, project: string, cwd: string): Promise<{ said: string; isRight: boolean }> {
  const args = [tsc, '--project', project, '--pretty', 'false', '--listFiles']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: outputBytesMax }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(error)
      resolve({ said: stdout + stderr, isRight: error === null })
    })
  })
}

/** `--listFiles` prints the path of each file that was read, on a line of its own. */
const isListed = (line: string): boolean => line.startsWith('/') && existsSync(line)

const listedFiles = (said: string): string[] => said.split('\n').filter(isListed)

const complaintsOf = (said: string): string =>
  said
    .split('\n')
    .filter((line) => !isListed(line))
    .join('\n')
    .trim()

interface Record {
  readonly settings: string
  readonly stamps: Readonly<{ [path: string]: string }>
}

function isKnown(record: string, settings: string): boolean {
  try {
    const known = JSON.parse(readFileSync(record, 'utf8')) as Record
    return known.settings === settings && Object.entries(known.stamps).every(([path, stamp]) => stampOf(path) === stamp)
  } catch {
    return false // Absent or torn: it is checked again.
  }
}

/** A file that changed while it was read has no stamp that could ever be found again. */
function stampsOf(paths: readonly string[], startedMs: number): Record['stamps'] {
  return Object.fromEntries(
    paths.map((path) => {
      const stamp = stampOf(path)
      return [path, Number(stamp.split(':')[0]) > startedMs ? 'changed' : stamp]
    }),
  )
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.mtimeMs}:${found.size}` : '0:0'
}
