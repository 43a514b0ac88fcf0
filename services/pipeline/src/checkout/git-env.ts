import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What git sees: nothing of the machine's or the user's settings, no one to ask for a password, and only protocols
 * that are allowed. Written into the sandbox once.
 */
export function createGitEnv(folder: string, allowLocal: boolean): Record<string, string> {
  mkdirSync(folder, { recursive: true })
  const global = join(folder, 'gitconfig')
  // A repository on this machine may belong to somebody else; serving it from there was allowed on purpose.
  writeFileSync(global, allowLocal ? '[safe]\n\tdirectory = *\n' : '')
  return {
    HOME: folder,
    LC_ALL: 'C', // Messages are looked at, below.
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: global,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new',
    GIT_ALLOW_PROTOCOL: `https:http:ssh:git${allowLocal ? ':file' : ''}`,
  }
}

/**
 * An empty repository, written instead of asking `git init`: that would be one more process on the way to the first
 * step. Nothing is packed or cleaned up later, and nothing synced to disk: the workspace lives as long as the build.
 */
export function writeEmptyRepository(workspace: string, commit: string): void {
  const git = join(workspace, '.git')
  for (const folder of ['objects', 'refs']) mkdirSync(join(git, folder), { recursive: true })
  writeFileSync(join(git, 'HEAD'), 'ref: refs/heads/none\n')
  const isSha256 = commit.length === 64
  const lines = [
    '[core]',
    `repositoryformatversion = ${isSha256 ? 1 : 0}`,
    'filemode = true',
    'bare = false',
    'logallrefupdates = false',
    'fsync = none',
    ...(isSha256 ? ['[extensions]', 'objectformat = sha256'] : []),
    '[fetch]',
    'unpackLimit = 1', // One pack instead of a file for each object, as a clone does it.
    '[gc]',
    'auto = 0',
    '[maintenance]',
    'auto = false',
    '[advice]',
    'detachedHead = false',
  ]
  writeFileSync(join(git, 'config'), `${lines.join('\n')}\n`)
}
