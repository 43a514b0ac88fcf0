import { type ChildProcess, spawn } from 'node:child_process'
import { configArguments, type GitSettings, gitEnvironment } from './environment.ts'
import { gitErrors } from './errors.ts'
import { maskUrl } from './url.ts'

export interface GitCall {
  readonly args: readonly string[]
  /** The bare repository to work in; none unless given. */
  readonly gitDir?: string
  readonly timeoutMs: number
  /** Output beyond this ends Git; 8 MiB unless given. */
  readonly outputBytesMax?: number
  readonly signal?: AbortSignal | undefined
}

export interface GitEnd {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

const stderrBytesMax = 65_536
const outputBytesDefault = 8_388_608

/** Starts Git, in a process group of its own: what it starts (ssh, upload-pack) can then be ended with it. */
export function spawnGit(settings: GitSettings, args: readonly string[], gitDir?: string): ChildProcess {
  const where = gitDir === undefined ? [] : ['--git-dir=.']
  return spawn('git', [...configArguments(settings), ...where, ...args], {
    // Outside of any repository unless one is named: a .git above our data would bring its own settings.
    cwd: gitDir ?? '/',
    env: gitEnvironment(settings),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

export function killGit(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ended already
  }
}

/**
 * Runs Git to its end, whatever its exit code.
 * @throws GIT_TIMED_OUT, GIT_OUTPUT_TOO_LARGE, GIT_MISSING, the signal's reason
 */
export function callGit(settings: GitSettings, call: GitCall): Promise<GitEnd> {
  const command = call.args[0] ?? ''
  const bytesMax = call.outputBytesMax ?? outputBytesDefault
  return new Promise((resolve, reject) => {
    call.signal?.throwIfAborted()
    const child = spawnGit(settings, call.args, call.gitDir)
    const chunks: Buffer[] = []
    let bytes = 0
    let stderr = ''
    const fail = (error: unknown): void => {
      killGit(child)
      reject(error)
    }
    const timer = setTimeout(
      () => fail(gitErrors.GIT_TIMED_OUT({ command, seconds: call.timeoutMs / 1000 })),
      call.timeoutMs,
    )
    const onAbort = (): void => fail(call.signal?.reason)
    call.signal?.addEventListener('abort', onAbort, { once: true })
    child.stdin?.on('error', () => {}).end()
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bytesMax) fail(gitErrors.GIT_OUTPUT_TOO_LARGE({ command, bytesMax }))
      else chunks.push(chunk)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-stderrBytesMax)
    })
    child.on('error', (error) => fail(gitErrors.GIT_MISSING({ message: error.message }, error)))
    child.on('close', (code, killedBy) => {
      clearTimeout(timer)
      call.signal?.removeEventListener('abort', onAbort)
      resolve({ code: code ?? (killedBy === null ? 1 : 128), stdout: Buffer.concat(chunks), stderr })
    })
  })
}

/** Runs Git; anything but exit code 0 is a no. @throws GIT_FAILED with Git's own last line, and what `callGit` throws */
export async function runGit(settings: GitSettings, call: GitCall): Promise<Buffer> {
  const { code, stdout, stderr } = await callGit(settings, call)
  if (code !== 0) throw gitErrors.GIT_FAILED({ command: call.args[0] ?? '', message: lastLine(stderr, code) })
  return stdout
}

/** What Git said last, passwords masked: its first `fatal:` or `error:` line if there is one, as later ones are advice. */
export function lastLine(stderr: string, code = 1): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const telling = lines.find((line) => /^(fatal|error|ERROR|remote: (fatal|error)):?/.test(line)) ?? lines.at(-1)
  return maskUrl((telling ?? `exit code ${code}`).slice(0, 500))
}
