import { Readable } from 'node:stream'
import { runCli } from '../cli/run-cli.ts'

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CommandOptions {
  readonly env?: Record<string, string>
  readonly cwd?: string
  readonly stdin?: string
  readonly signal?: AbortSignal
}

/** Runs one command line in this process, and keeps what it said. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  const code = await runCli(args, {
    cwd: options.cwd ?? '/',
    env: options.env ?? {},
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]) as unknown as NodeJS.ReadStream,
    out: { write: (text) => out.push(Buffer.from(text)) },
    err: { write: (text) => err.push(Buffer.from(text)) },
    interruption: () => options.signal ?? new AbortController().signal,
  })
  return { code, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') }
}
