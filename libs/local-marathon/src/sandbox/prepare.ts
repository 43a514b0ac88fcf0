import { chown, mkdir } from 'node:fs/promises'
import type { Account } from '../tasks/account.ts'

/** Makes the empty folder that a task runs in, for its account alone. */
export async function prepareSandbox(path: string, account: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (account.ids) await chown(path, account.ids.uid, account.ids.gid)
}
