import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const gitMs = 30_000

/** Runs git here, with nobody's configuration and never asking anything. @returns its stdout, trimmed */
export async function git(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...args], {
    cwd,
    timeout: gitMs,
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      ...env,
    },
  })
  return stdout.trim()
}
