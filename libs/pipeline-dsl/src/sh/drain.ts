import type { Readable } from 'node:stream'

const quietMs = 50

/**
 * Resolves when everything a command had written before it ended was read: at the end of its pipes, or, if something
 * it left running holds them open, when nothing came for a while.
 */
export async function drain(streams: readonly (Readable | null)[]): Promise<void> {
  await Promise.all(streams.map((stream) => (stream === null || stream.readableEnded ? undefined : drainOne(stream))))
}

function drainOne(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stream.off('data', again).off('end', done).off('close', done).off('error', done)
      resolve()
    }
    let timer = setTimeout(done, quietMs)
    const again = (): void => {
      clearTimeout(timer)
      timer = setTimeout(done, quietMs)
    }
    stream.on('data', again).once('end', done).once('close', done).once('error', done)
    if (stream.destroyed) done()
  })
}
