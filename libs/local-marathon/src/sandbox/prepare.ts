import { chown, mkdir, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import { hasImage, volumesOf } from '../apps/check-container.ts'
import type { Account } from '../tasks/account.ts'

/** Makes the empty folder that a task runs in, for its account alone, with the folders of the host that it asked for. */
export async function prepareSandbox(path: string, account: Account, app: AppDefinition): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (account.ids) await chown(path, account.ids.uid, account.ids.gid)
  // A container has them mounted.
  if (hasImage(app.container)) return
  for (const volume of volumesOf(app.container)) {
    const inside = String(volume['containerPath'])
    // A path that is absolute is the host's own: checked when the app was accepted.
    if (isAbsolute(inside)) continue
    await mkdir(dirname(join(path, inside)), { recursive: true })
    await symlink(String(volume['hostPath']), join(path, inside))
  }
}
