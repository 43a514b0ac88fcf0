import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { git } from './git.ts'

export const sampleSlug = 'todo'

/** Nobody's commit at a fixed time: the sample has the same hash on every machine. */
const author = {
  GIT_AUTHOR_NAME: 'Baton',
  GIT_AUTHOR_EMAIL: 'baton@localhost',
  GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Baton',
  GIT_COMMITTER_EMAIL: 'baton@localhost',
  GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z',
}

/**
 * A bare repository with the sample project as its one commit, in `dir`; made beside its place and renamed, so that it is
 * there whole or not at all. One that is there stays: it may have been pushed to.
 * @returns its file:// address
 */
export async function makeSampleRepository(checkout: string, dir: string): Promise<string> {
  const place = join(dir, `${sampleSlug}.git`)
  if (existsSync(place)) return pathToFileURL(place).href
  // The build account reads it.
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  const draft = mkdtempSync(join(dirname(place), '.draft-'))
  try {
    const bare = join(draft, 'bare.git')
    const worktree = join(draft, 'worktree')
    cpSync(join(checkout, 'deploy/sample'), worktree, { recursive: true })
    await git(draft, ['init', '--quiet', '--bare', '--template=', '--shared=0644', '--initial-branch=main', bare])
    await git(worktree, ['--git-dir', bare, '--work-tree', '.', 'add', '--all', '.'])
    await git(
      worktree,
      ['--git-dir', bare, '--work-tree', '.', 'commit', '--quiet', '-m', 'A list of things to do'],
      author,
    )
    rmSync(join(bare, 'index'), { force: true })
    renameSync(bare, place)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return pathToFileURL(place).href
}
