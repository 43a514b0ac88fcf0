import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runWell } from './run.ts'

/** Files by name; `null` removes one. */
export type Files = Readonly<Record<string, string | null>>

export interface CommitOptions {
  /** `main` unless given; one that is not there begins at the last commit. */
  readonly branch?: string
  readonly message?: string
}

/** A ref as it moved: what a hook tells. */
export interface Moved {
  readonly ref: string
  readonly before: string | null
  readonly after: string | null
}

/** A real bare repository with a work tree of ours beside it. What is committed is pushed; nobody is told. */
export interface GitRepository {
  readonly name: string
  readonly path: string
  /** The address that it is registered and pushed by. */
  readonly url: string
  commit(files: Files, options?: CommitOptions): Promise<string>
  /** Force-pushes `branch` to a commit that is there already. */
  move(branch: string, commit: string): Promise<void>
  deleteBranch(branch: string): Promise<void>
  /** Git in the work tree. @returns what it printed, trimmed */
  git(...args: string[]): Promise<string>
  /** How refs moved since the last call: each push is one. */
  takeMoves(): Moved[]
}

const author = { NAME: 'Ann', EMAIL: 'ann@shop.example' }
const environment = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => Object.entries(author).map(([key, it]) => [`GIT_${role}_${key}`, it])),
  ),
}

/** Makes `<dir>/<name>.git`. With `baseUrl`, that of a server of `dir`, it is reached through it; else as file://. */
export async function createGitRepository(dir: string, name: string, baseUrl?: string): Promise<GitRepository> {
  const path = join(dir, `${name}.git`)
  const tree = join(dir, `${name}.tree`)
  const url = baseUrl === undefined ? pathToFileURL(path).href : `${baseUrl}/${name}.git`
  const inDir = (cwd: string, ...args: string[]) => runWell('git', args, { cwd, env: environment })
  await mkdir(dir, { recursive: true })
  await inDir(dir, 'init', '--quiet', '--bare', '--initial-branch=main', path)
  await inDir(path, 'config', 'http.receivepack', 'true')
  await inDir(dir, 'init', '--quiet', '--initial-branch=main', tree)
  return new BareRepository(name, path, url, (...args) => inDir(tree, ...args), tree)
}

class BareRepository implements GitRepository {
  readonly name: string
  readonly path: string
  readonly url: string
  readonly git: (...args: string[]) => Promise<string>
  readonly #tree: string
  readonly #heads = new Map<string, string>()
  #moves: Moved[] = []

  constructor(name: string, path: string, url: string, git: GitRepository['git'], tree: string) {
    this.name = name
    this.path = path
    this.url = url
    this.git = git
    this.#tree = tree
  }

  async commit(files: Files, { branch = 'main', message = 'change' }: CommitOptions = {}): Promise<string> {
    await this.#goTo(branch)
    for (const [name, content] of Object.entries(files)) await this.#write(name, content)
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--allow-empty', '-m', message)
    const commit = await this.git('rev-parse', 'HEAD')
    await this.#push(branch, commit)
    return commit
  }

  async move(branch: string, commit: string): Promise<void> {
    await this.#push(branch, commit)
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.#push(branch, null)
  }

  takeMoves(): Moved[] {
    const moves = this.#moves
    this.#moves = []
    return moves
  }

  async #goTo(branch: string): Promise<void> {
    const head = this.#heads.get(branch)
    if (head !== undefined) await this.git('checkout', '--quiet', '-B', branch, head)
    else if (this.#heads.size > 0) await this.git('checkout', '--quiet', '-B', branch)
    else await this.git('symbolic-ref', 'HEAD', `refs/heads/${branch}`)
  }

  async #write(name: string, content: string | null): Promise<void> {
    const file = join(this.#tree, name)
    await rm(file, { recursive: true, force: true })
    if (content === null) return
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }

  async #push(branch: string, after: string | null): Promise<void> {
    const ref = `refs/heads/${branch}`
    const before = this.#heads.get(branch) ?? null
    await this.git('push', '--quiet', '--force', this.url, `${after ?? ''}:${ref}`)
    if (after === null) this.#heads.delete(branch)
    else this.#heads.set(branch, after)
    this.#moves.push({ ref, before, after })
  }
}
