import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../checkout.ts'
import { writeWhole } from './write-whole.ts'

/** What the sample's repository has to know to tell of pushes. */
export interface HookSettings {
  readonly url: string
  readonly secret: string
  readonly repository: string
}

/** Makes the bare repository `dir` tell of pushes. May be repeated: the last settings count. */
export function installHook(dir: string, settings: HookSettings): void {
  const hooks = join(dir, 'hooks')
  mkdirSync(hooks, { recursive: true })
  copyFileSync(join(checkout, 'deploy/local/post-receive.cjs'), join(hooks, 'baton.cjs'))
  writeWhole(join(hooks, 'baton.json'), JSON.stringify(settings))
  const node = process.execPath.replaceAll("'", "'\\''")
  writeWhole(join(hooks, 'post-receive'), `#!/bin/sh\nexec '${node}' "$(dirname "$0")/baton.cjs"\n`, 0o755)
  chmodSync(join(hooks, 'post-receive'), 0o755)
}
