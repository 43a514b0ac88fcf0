import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ownFolder } from './data-folder.ts'

const run = promisify(execFile)
const tryMs = 10_000

/** The account that builds run as, and what there is to tell about it, once. */
export interface BuildAccount {
  readonly user: string | null
  readonly notice: string
}

interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Decides who runs builds. As root it is `wanted` (nobody, unless named), if that account exists and can start Node
 * and Git; otherwise builds have the rights of whoever started the platform, and that is said.
 */
export async function chooseBuildAccount(wanted: string, isRoot: boolean): Promise<BuildAccount> {
  if (!isRoot) return { user: null, notice: 'Pipelines run as this account: register only repositories you trust.' }
  const account = findAccount(wanted)
  const trusted = 'so pipelines run as root: register only repositories you trust.'
  if (account === undefined) return { user: null, notice: `There is no account "${wanted}", ${trusted}` }
  const failed = await findWhatFails(account)
  if (failed !== undefined) return { user: null, notice: `The account "${wanted}" cannot run ${failed}, ${trusted}` }
  return { user: wanted, notice: `Pipelines run as the account "${wanted}", apart from the platform.` }
}

function findAccount(name: string): Account | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [found, , uid, gid] = line.split(':')
    if (found === name) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

async function findWhatFails({ uid, gid }: Account): Promise<string | undefined> {
  for (const command of [process.execPath, 'git']) {
    const works = await run(command, ['--version'], { uid, gid, cwd: '/', env: { PATH: taskPath() }, timeout: tryMs })
      .then(() => true)
      .catch(() => false)
    if (!works) return command
  }
  return undefined
}

/** What npm puts in front for the time of one of its scripts: the programs of this checkout, which are no builds' business. */
const isOfNpm = (dir: string): boolean => /\/node_modules\/(\.bin|.*\/node-gyp-bin)\/?$/.test(dir)

/** The PATH of tasks: the Node that runs the platform comes first, so that pipelines run on the same one. */
export function taskPath(): string {
  const rest = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  return [dirname(process.execPath), ...rest.split(':').filter((dir) => dir.startsWith('/') && !isOfNpm(dir))].join(':')
}

/**
 * A folder that the build account gets through to: the data folder itself, or, if something above it is closed (a home
 * folder often is), one of ours under /var/tmp.
 */
export function chooseOpenDir(root: string, installation: string, user: string | null): string {
  if (user === null || isOpenPath(root)) return root
  const dir = join('/var/tmp', `baton-${installation}`)
  ownFolder(dir, 0o711)
  return dir
}

/**
 * Where tasks get their sandboxes: in `openDir`, unless that lies inside of somebody's project. Node, npm and Git look
 * for packages, settings and repositories in every folder above, so builds would find the project's.
 */
export function chooseSandboxesDir(openDir: string, installation: string): string {
  if (!isInProject(dirname(openDir))) return join(openDir, 'sandboxes')
  const dir = join('/var/tmp', `baton-${installation}`)
  ownFolder(dir, 0o711)
  return join(dir, 'sandboxes')
}

const marksOfProject = ['package.json', 'node_modules', '.git']

function isInProject(dir: string): boolean {
  if (marksOfProject.some((mark) => existsSync(join(dir, mark)))) return true
  return dir !== '/' && isInProject(dirname(dir))
}

/** Whether everybody may pass through every folder from / to `dir`. */
function isOpenPath(dir: string): boolean {
  if ((statSync(dir).mode & 0o001) === 0) return false
  return dir === '/' || isOpenPath(dirname(dir))
}
