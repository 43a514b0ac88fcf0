import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'

const signalMaxMs = 30_000

/** A named pipe that a command says "I run" through: opening it is the first thing it does. */
export interface SignalPipe {
  /** The shell command that says it. */
  readonly command: string
  /** Resolves at the next word. @throws when none comes */
  next(): Promise<void>
  close(): void
}

export function openSignalPipe(dir: string): SignalPipe {
  const path = join(dir, 'signal')
  execFileSync('mkfifo', [path])
  // Open for writing too: a pipe that its last writer closed would be at its end.
  const reading = createReadStream(path, { flags: 'r+' })
  let hear = () => {}
  reading.on('data', () => hear())
  return {
    command: `echo > ${path}`,
    next: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing ran for ${signalMaxMs / 1_000} s`)), signalMaxMs)
        hear = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    close() {
      // A read that waits in the thread pool ends only with a word.
      reading.destroy()
      execFileSync('/bin/sh', ['-c', `echo > ${path}`])
    },
  }
}
