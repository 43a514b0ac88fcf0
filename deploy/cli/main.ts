import { runCli } from './run-cli.ts'

// Whoever reads the output may stop early (baton log ... | head).
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

function interruption(): AbortSignal {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  return interrupted.signal
}

let signal: AbortSignal | undefined
process.exitCode = await runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  out: process.stdout,
  err: process.stderr,
  interruption: () => {
    signal ??= interruption()
    return signal
  },
})
// Kept connections must not hold a finished command back; what was written goes out first.
if (process.stdout.writableLength === 0) process.exit()
process.stdout.once('drain', () => process.exit())
