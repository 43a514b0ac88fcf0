import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runScript } from './floor-script.ts'

const script = `git clone --quiet --depth 1 "$1" "$2"
echo "a line"`

/** The least a first line can take: clone the repository, print. In ms. */
export async function cloneAndPrint(url: string, dir: string): Promise<number> {
  const target = join(dir, 'clone')
  const { firstLineMs } = await runScript(script, [url, target], dir)
  await rm(target, { recursive: true, force: true })
  return firstLineMs
}
