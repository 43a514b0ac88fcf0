import { runScript } from './floor-script.ts'

const script = `i=0
while [ $i -lt "$1" ]; do
  sh -c true
  i=$((i + 1))
done`

/** One trivial command after another, from a shell. @returns ms for each */
export async function msPerCommand(dir: string, count: number): Promise<number> {
  return (await runScript(script, [String(count)], dir)).wholeMs / count
}
