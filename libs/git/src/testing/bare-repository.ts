import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type GitSettings, openGit } from '../environment.ts'

/** A real bare repository in a folder of its own, for tests: commits are made beside it and pushed. */
export interface BareRepository {
  readonly url: string
  readonly path: string
  /** A folder of this test's own, removed with the rest. */
  readonly dir: string
  readonly settings: GitSettings
  /** Commits these files (`null` removes one) on `branch` and pushes. @returns the commit */
  commit(files: Record<string, string | null>, options?: { message?: string; branch?: string; push?: boolean }): string
  /** Git in the work tree. @returns what it printed, trimmed */
  git(...args: string[]): string
  remove(): void
}

const person = { NAME: 'Ann', EMAIL: 'ann@shop.example' }

export function createBareRepository({ objectFormat = 'sha1' } = {}): BareRepository {
  const dir = mkdtempSync(join(tmpdir(), 'baton-git-'))
  const path = join(dir, 'todo.git')
  const tree = join(dir, 'tree')
  const settings = openGit({ allowLocal: true, homeDir: join(dir, 'home') })
  const env = {
    PATH: process.env['PATH'],
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) => Object.entries(person).map(([k, v]) => [`GIT_${role}_${k}`, v])),
    ),
  }
  const run = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  run(dir, 'init', '-q', '--bare', '-b', 'main', `--object-format=${objectFormat}`, path)
  run(dir, 'init', '-q', '-b', 'main', `--object-format=${objectFormat}`, tree)
  run(tree, 'remote', 'add', 'origin', path)
  return {
    url: `file://${path}`,
    path,
    dir,
    settings,
    git: (...args) => run(tree, ...args),
    commit(files, { message = 'change', branch = 'main', push = true } = {}) {
      if (run(tree, 'symbolic-ref', '--short', 'HEAD') !== branch) run(tree, 'checkout', '-q', '-B', branch)
      for (const [name, content] of Object.entries(files)) write(join(tree, name), content)
      run(tree, 'add', '-A')
      run(tree, 'commit', '-q', '--allow-empty', '-m', message)
      if (push) run(tree, 'push', '-q', '--force', 'origin', branch)
      return run(tree, 'rev-parse', 'HEAD')
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function write(path: string, content: string | null): void {
  rmSync(path, { force: true, recursive: true })
  if (content === null) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
