import { spawn } from 'node:child_process'
import { plainEnvironment } from '../../platform/run.ts'

/** A floor is a shell script: what anybody would do by hand, and nothing else. */
export interface Timed {
  /** From its start to its first line. */
  readonly firstLineMs: number
  /** From its start to its end. */
  readonly wholeMs: number
}

/** Runs a script. @throws what it said, when it fails */
export function runScript(script: string, args: readonly string[], cwd: string): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    let firstLineMs: number | undefined
    const errors: Buffer[] = []
    const env = { ...plainEnvironment(), GIT_CONFIG_NOSYSTEM: '1' }
    const child = spawn('/bin/sh', ['-e', '-c', script, 'floor', ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', () => {
      firstLineMs ??= performance.now() - startedAt
    })
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const wholeMs = performance.now() - startedAt
      if (code === 0) return resolve({ firstLineMs: firstLineMs ?? wholeMs, wholeMs })
      reject(new Error(`a floor's script ended with ${code}: ${Buffer.concat(errors).toString()}`))
    })
  })
}
