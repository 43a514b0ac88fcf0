import type { ChildProcess } from 'node:child_process'
import type { GitSettings } from './environment.ts'
import { gitErrors } from './errors.ts'
import { killGit, spawnGit } from './run.ts'

export interface GitObject {
  readonly id: string
  readonly type: 'commit' | 'tree' | 'blob' | 'tag'
  readonly bytes: Buffer
}

/** Largest object that is read, in bytes: commits, trees, and sources of pipelines. */
export const objectBytesMax = 8_388_608
const answerMs = 30_000

interface Question {
  resolve(found: GitObject | undefined): void
  reject(error: unknown): void
  timer: NodeJS.Timeout
}

/**
 * One `git cat-file --batch`: all that is to be read of one commit costs one process. It sees objects that a fetch
 * brings while it is open. Close it.
 */
export class ObjectReader {
  readonly #child: ChildProcess
  readonly #questions: Question[] = []
  #buffer: Buffer = Buffer.alloc(0)
  #failure: unknown

  constructor(settings: GitSettings, gitDir: string) {
    this.#child = spawnGit(settings, ['cat-file', '--batch'], gitDir)
    this.#child.stdin?.on('error', () => {})
    this.#child.stderr?.resume()
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#child.on('error', (error) => this.#fail(gitErrors.GIT_MISSING({ message: error.message }, error)))
    this.#child.on('close', (code) =>
      this.#fail(gitErrors.GIT_FAILED({ command: 'cat-file', message: `it ended with code ${code}` })),
    )
  }

  /** The object of this name (a hash or a full ref), or `undefined` if there is none. */
  find(name: string): Promise<GitObject | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (/[\0\n]/.test(name)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      const late = gitErrors.GIT_TIMED_OUT({ command: 'cat-file', seconds: answerMs / 1000 })
      const timer = setTimeout(() => this.#fail(late), answerMs)
      this.#questions.push({ resolve, reject, timer })
      this.#child.stdin?.write(`${name}\n`)
    })
  }

  close(): void {
    this.#failure ??= gitErrors.GIT_FAILED({ command: 'cat-file', message: 'it was closed' })
    this.#child.stdin?.end()
    if (this.#questions.length > 0) this.#fail(this.#failure)
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    while (this.#readOne());
  }

  // `<id> <type> <size>\n<bytes>\n`, or `<name> missing\n`.
  #readOne(): boolean {
    const end = this.#buffer.indexOf(0x0a)
    if (end < 0) return false
    const words = this.#buffer.toString('utf8', 0, end).split(' ')
    const size = Number(words[2])
    const known = words.length === 3 && Number.isSafeInteger(size)
    if (known && size > objectBytesMax) {
      this.#fail(gitErrors.GIT_OUTPUT_TOO_LARGE({ command: 'cat-file', bytesMax: objectBytesMax }))
      return false
    }
    const next = known ? end + 1 + size + 1 : end + 1
    if (this.#buffer.length < next) return false
    const bytes = Buffer.from(this.#buffer.subarray(end + 1, next - 1))
    this.#buffer = this.#buffer.subarray(next)
    this.#answer(known ? { id: words[0] ?? '', type: words[1] as GitObject['type'], bytes } : undefined)
    return this.#buffer.length > 0
  }

  #answer(found: GitObject | undefined): void {
    const question = this.#questions.shift()
    clearTimeout(question?.timer)
    question?.resolve(found)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const question of this.#questions.splice(0)) {
      clearTimeout(question.timer)
      question.reject(error)
    }
    killGit(this.#child)
  }
}
