import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isBatonError } from '@baton/model'
import { findCommit } from './commit.ts'
import type { GitSettings } from './environment.ts'
import { gitErrors } from './errors.ts'
import { removeStaleLocks, repackSometimes } from './mirror-care.ts'
import { mirrorName, mutexOf } from './mirror-folder.ts'
import type { Mutex } from './mutex.ts'
import { ObjectReader } from './objects.ts'
import { unreachable } from './remote.ts'
import { callGit, lastLine, runGit } from './run.ts'
import { maskUrl, readGitUrl } from './url.ts'

const fetchMs = 600_000
const localMs = 60_000
const pathsBytesMax = 33_554_432
const everything = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']

/** A bare copy of a remote repository, brought up to date when something is missing. Objects are never pruned. */
export interface Mirror {
  /** Fetches these refs, or all branches and tags. One fetch at a time for each mirror. @throws REMOTE_UNREACHABLE */
  fetch(refs: readonly string[] | 'all'): Promise<void>
  /**
   * Makes sure that `commit` is here: fetches `ref`, then everything, then the commit by its hash. `work` may then read
   * objects through the process that looked for it.
   * @throws COMMIT_UNKNOWN, REMOTE_UNREACHABLE
   */
  fetchCommit(commit: string, ref: string | undefined): Promise<void>
  fetchCommit<T>(commit: string, ref: string | undefined, work: (objects: ObjectReader) => Promise<T>): Promise<T>
  hasCommit(commit: string): Promise<boolean>
  /** Objects are read through one process while `work` goes on. */
  withObjects<T>(work: (objects: ObjectReader) => Promise<T>): Promise<T>
  /** Whether `ancestor` is `commit` or one of its ancestors; false if either is not here. */
  isAncestor(ancestor: string, commit: string): Promise<boolean>
  /** Commits that `to` has and `from` has not, oldest first, the newest `max` of them. */
  listCommits(from: string, to: string, max: number): Promise<string[]>
  /** Paths that differ between two commits, both sides of a rename; `undefined` if either is not here. */
  changedPaths(before: string, commit: string): Promise<string[] | undefined>
}

/** What Git says when its own objects here are damaged, as after a full disk or a crash of the machine. */
const brokenWords =
  /is corrupt|corrupted|bad object|bad pack|inflate|unable to read|unresolved delta|missing (?:blob|tree|commit)|not a git repository: '\.'/i

/** The mirror of `url` below `mirrorsDir`; made on disk at its first fetch. @throws URL_INVALID */
export function openMirror(settings: GitSettings, mirrorsDir: string, url: string): Mirror {
  readGitUrl(url, settings)
  const gitDir = join(mirrorsDir, mirrorName(url))
  return new DiskMirror(settings, url, gitDir, mutexOf(gitDir))
}

class DiskMirror implements Mirror {
  readonly #settings: GitSettings
  readonly #url: string
  readonly #gitDir: string
  readonly #mutex: Mutex
  #format: 'sha1' | 'sha256' = 'sha1'

  constructor(settings: GitSettings, url: string, gitDir: string, mutex: Mutex) {
    this.#settings = settings
    this.#url = url
    this.#gitDir = gitDir
    this.#mutex = mutex
  }

  async fetch(refs: readonly string[] | 'all'): Promise<void> {
    await this.#onceMore(() =>
      this.#mutex.run(async () => {
        await this.#make()
        if (refs === 'all') await this.#fetchAll()
        else await this.#fetchRefs(refs)
      }),
    )
  }

  async fetchCommit<T>(
    commit: string,
    ref: string | undefined,
    work?: (objects: ObjectReader) => Promise<T>,
  ): Promise<T | undefined> {
    if (commit.length === 64) this.#format = 'sha256'
    return await this.#onceMore(async () => {
      if (!existsSync(join(this.#gitDir, 'HEAD'))) await this.#mutex.run(() => this.#make())
      return await this.withObjects(async (objects) => {
        const isHere = async () => (await findCommit(objects, commit)) !== undefined
        // Whoever waits in line may find that the fetch before brought it.
        const bring = async () => (await isHere()) || this.#bring(commit, ref, isHere)
        if (!(await isHere())) await this.#mutex.run(bring)
        return await work?.(objects)
      })
    })
  }

  /** A broken mirror was thrown away by whoever saw it; the same again makes a new one. */
  async #onceMore<T>(work: () => Promise<T>): Promise<T> {
    return await work().catch((error: unknown) => {
      if (isBatonError(error, 'MIRROR_BROKEN')) return work()
      throw error
    })
  }

  async #bring(commit: string, ref: string | undefined, isHere: () => Promise<boolean>): Promise<void> {
    await this.#make()
    if (ref !== undefined) await this.#fetchRefs([ref])
    if (await isHere()) return
    await this.#fetchAll()
    if (await isHere()) return
    // Only some servers give what no ref reaches. Kept under a ref, as fetches negotiate by refs.
    await this.#callFetch([`+${commit}:refs/baton/${commit}`])
    if (!(await isHere())) throw gitErrors.COMMIT_UNKNOWN({ url: maskUrl(this.#url), commit })
  }

  async hasCommit(commit: string): Promise<boolean> {
    if (!existsSync(this.#gitDir)) return false
    return await this.withObjects(async (objects) => (await findCommit(objects, commit)) !== undefined)
  }

  async withObjects<T>(work: (objects: ObjectReader) => Promise<T>): Promise<T> {
    const objects = new ObjectReader(this.#settings, this.#gitDir)
    try {
      return await work(objects)
    } finally {
      objects.close()
    }
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    if (ancestor === commit) return true
    const { code } = await this.#call(['merge-base', '--is-ancestor', ancestor, commit])
    return code === 0
  }

  async listCommits(from: string, to: string, max: number): Promise<string[]> {
    const args = ['rev-list', '--topo-order', '--reverse', `--max-count=${max}`, to, `^${from}`, '--']
    const text = await runGit(this.#settings, { args, gitDir: this.#gitDir, timeoutMs: localMs })
    return text
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
  }

  async changedPaths(before: string, commit: string): Promise<string[] | undefined> {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', before, commit, '--']
    const end = await this.#call(args, pathsBytesMax)
    return end.code === 0
      ? end.stdout
          .toString('utf8')
          .split('\0')
          .filter((path) => path !== '')
      : undefined
  }

  #call(args: string[], outputBytesMax?: number) {
    const more = outputBytesMax === undefined ? {} : { outputBytesMax }
    return callGit(this.#settings, { args, gitDir: this.#gitDir, timeoutMs: localMs, ...more })
  }

  /** Makes the bare repository whole or not at all. */
  async #make(): Promise<void> {
    if (existsSync(join(this.#gitDir, 'HEAD'))) return await removeStaleLocks(this.#gitDir)
    const half = `${this.#gitDir}.new`
    await rm(half, { recursive: true, force: true })
    await mkdir(half, { recursive: true, mode: 0o700 })
    const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${this.#format}`, '--', half]
    await runGit(this.#settings, { args, timeoutMs: localMs })
    await rm(this.#gitDir, { recursive: true, force: true })
    await rename(half, this.#gitDir)
  }

  async #fetchRefs(refs: readonly string[]): Promise<void> {
    const end = await this.#callFetch(refs.map((ref) => `+${ref}:${ref}`))
    if (end.code === 0) return
    // A ref that is gone, or one whose name is now a folder of others: everything, the stale ones pruned first, tells.
    if (/couldn't find remote ref|cannot lock ref|unable to update|some local refs/.test(end.stderr)) {
      return await this.#fetchAll()
    }
    throw unreachable(this.#url, lastLine(end.stderr, end.code))
  }

  async #fetchAll(): Promise<void> {
    const end = await this.#callFetch(everything, ['--prune'])
    if (end.code !== 0) throw unreachable(this.#url, lastLine(end.stderr, end.code))
  }

  async #callFetch(refspecs: string[], options: string[] = []) {
    const quiet = ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules']
    const args = ['fetch', ...quiet, '--no-show-forced-updates', ...options, '--', this.#url, ...refspecs]
    const end = await callGit(this.#settings, { args, gitDir: this.#gitDir, timeoutMs: fetchMs })
    if (end.code !== 0) await this.#mendOrGoOn(end.stderr, end.code)
    repackSometimes(this.#settings, this.#gitDir)
    return end
  }

  /** Throws a mirror away that cannot be fetched into any more. @throws MIRROR_BROKEN if it was so */
  async #mendOrGoOn(stderr: string, code: number): Promise<void> {
    const ours = stderr.replaceAll(this.#url, '').replace(/^remote: .*$/gm, '')
    const isOther = /mismatched algorithms: client sha1; server sha256/.test(ours)
    if (!isOther && !brokenWords.test(ours)) return
    if (isOther) this.#format = 'sha256'
    await rm(this.#gitDir, { recursive: true, force: true })
    throw gitErrors.MIRROR_BROKEN({ url: maskUrl(this.#url), message: lastLine(stderr, code) })
  }
}
