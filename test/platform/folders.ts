import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where one platform of a test works. */
export interface Folders {
  readonly root: string
  /** The data folder. */
  readonly data: string
  /** Bare repositories: builds read them. */
  readonly repositories: string
  /** Where steps may write, whatever account they run as: what they did can be counted there. */
  readonly shared: string
}

/** Makes them, below one that is new. Builds run as another account when the tests run as root: it gets through. */
export async function makeFolders(): Promise<Folders> {
  const root = await mkdtemp(join(tmpdir(), 'baton-platform-'))
  await chmod(root, 0o755)
  const [data, repositories, shared] = [join(root, 'data'), join(root, 'repositories'), join(root, 'shared')]
  for (const dir of [data, repositories, shared]) await mkdir(dir)
  await chmod(shared, 0o777)
  return { root, data, repositories, shared }
}

export const removeFolders = ({ root }: Folders): Promise<void> =>
  rm(root, { recursive: true, force: true, maxRetries: 5 })
