import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { promisify } from 'node:util'

/** An account of this machine that a task runs as. Without ids it is the account of this server. */
export interface Account {
  readonly name: string
  readonly home: string
  readonly ids?: { readonly uid: number; readonly gid: number }
}

const lookUpMs = 5_000

let own: Account | undefined

/** The account of this server. It stays the same, so the system is asked once and not for each task. */
export function ownAccount(): Account {
  own ??= { name: userInfo().username, home: homedir() }
  return own
}

/** The account named `name`, or nothing when it does not exist or this server is not allowed to become it. */
export async function findAccount(name: string): Promise<Account | undefined> {
  if (name === ownAccount().name) return ownAccount()
  if (process.getuid?.() !== 0) return undefined
  return (await findInPasswd(name)) ?? (await askSystem(name))
}

async function findInPasswd(name: string): Promise<Account | undefined> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name)
  if (!fields) return undefined
  return toAccount(name, fields[2], fields[3], fields[5])
}

/** Accounts of a directory service are not in the file. */
async function askSystem(name: string): Promise<Account | undefined> {
  if (name === '' || name.startsWith('-')) return undefined
  const ask = (flag: string) => promisify(execFile)('id', [flag, '--', name], { timeout: lookUpMs })
  try {
    const [uid, gid] = await Promise.all([ask('-u'), ask('-g')])
    return toAccount(name, uid.stdout.trim(), gid.stdout.trim(), undefined)
  } catch {
    return undefined
  }
}

function toAccount(name: string, uid: string | undefined, gid: string | undefined, home: string | undefined) {
  const ids = { uid: Number(uid), gid: Number(gid) }
  if (!uid || !gid || !Number.isInteger(ids.uid) || !Number.isInteger(ids.gid)) return undefined
  return { name, home: home || '/', ids }
}
