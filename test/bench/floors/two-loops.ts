import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runScript } from './floor-script.ts'

/** As many as the machines this is measured on have cores; the issue names the number. */
const loops = 2

const script = `i=0
while [ $i -lt "$4" ]; do
  "$1" empty.mjs
  git clone --quiet --depth 1 "$2" "$3-$i"
  sh -c true
  sh -c true
  sh -c true
  i=$((i + 1))
done`

/** Builds without a platform: loops of a Node that does nothing, a clone, three commands. @returns how many a minute */
export async function loopsAMinute(url: string, dir: string, builds: number): Promise<number> {
  await writeFile(join(dir, 'empty.mjs'), '')
  const each = Math.ceil(builds / loops)
  const names = Array.from({ length: loops }, (_, at) => `loop-${at}`)
  const startedAt = performance.now()
  await Promise.all(names.map((name) => runScript(script, [process.execPath, url, name, String(each)], dir)))
  const passedMs = performance.now() - startedAt
  const clones = names.flatMap((name) => Array.from({ length: each }, (_, at) => join(dir, `${name}-${at}`)))
  await Promise.all(clones.map((clone) => rm(clone, { recursive: true, force: true })))
  return (each * loops * 60_000) / passedMs
}
