import type { ShCommand } from './command.ts'
import { drain } from './drain.ts'
import { codeOf, type ShPlace, startCommand } from './run-command.ts'

/** Runs a command that is a step by itself: straight into the file, or through the masker when there are secrets. */
export async function runWhole(place: ShPlace, command: ShCommand, hasSecrets: boolean): Promise<void> {
  if (!hasSecrets) {
    const { fd } = place.output
    await codeOf(startCommand(place, command, ['ignore', fd, fd]), command)
    return
  }
  // One pipe for both, so that their order stays. On the first line: line numbers in messages stay right too.
  const merged = { ...command, script: `exec 2>&1; ${command.script}` }
  const child = startCommand(place, merged, ['ignore', 'pipe', 'pipe'])
  const { stdout, stderr } = child
  const [out, err] = [place.output.stream(), place.output.stream()]
  stdout?.on('data', out.write)
  stderr?.on('data', err.write)
  try {
    await codeOf(child, command)
  } finally {
    await drain([stdout, stderr])
    out.end()
    err.end()
  }
}
