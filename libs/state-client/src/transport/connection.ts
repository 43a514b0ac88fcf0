import { connect, type Socket } from 'node:net'
import { createAnswerReader, type ReadAnswer } from './answer-reader.ts'

export interface Limits {
  /** Until the answer begins, in ms. */
  readonly beginMs: number
  /** From then on until it is whole, in ms. */
  readonly endMs: number
  readonly bytesMax: number
  readonly signal: AbortSignal | undefined
}

/** One TCP connection, for one request at a time. */
export interface Connection {
  /** Whether it was asked before. */
  readonly isKept: boolean
  /** Whether it may be asked, as far as this side knows. */
  readonly isOpen: boolean
  /** Sends a request and reads its answer. @throws whatever ended it; it is closed then */
  ask(request: readonly (string | Buffer)[], limits: Limits): Promise<ReadAnswer>
  close(): void
}

/** The other side ended a connection before a byte of an answer. */
export class Unanswered extends Error {}

interface Asking {
  feed(bytes: Buffer): void
  end(): void
  fail(error: unknown): void
}

export function openConnection(host: string, port: number): Connection {
  const socket = connect({ host, port, noDelay: true })
  let asking: Asking | undefined
  let asked = 0
  const failed = (error: unknown): void => {
    socket.destroy()
    asking?.fail(error)
  }
  socket.on('data', (bytes) => (asking === undefined ? socket.destroy() : asking.feed(bytes)))
  socket.on('end', () => (asking === undefined ? socket.destroy() : asking.end()))
  socket.on('error', failed)
  socket.on('close', () => failed(new Unanswered('the connection was closed')))

  return {
    get isKept() {
      return asked > 1
    },
    get isOpen() {
      return !socket.destroyed && socket.readable && socket.writable
    },
    async ask(request, limits) {
      asked += 1
      socket.ref()
      try {
        return await new Promise<ReadAnswer>((resolve, reject) => {
          asking = read(limits, resolve, reject)
          send(socket, request)
        })
      } catch (error) {
        socket.destroy()
        throw error
      } finally {
        asking = undefined
        // A connection that is only kept does not hold the process up.
        socket.unref()
      }
    },
    close: () => void socket.destroy(),
  }
}

function send(socket: Socket, request: readonly (string | Buffer)[]): void {
  socket.cork()
  for (const part of request) socket.write(part)
  socket.uncork()
}

/** Reads one answer within its limits, and settles once. */
function read(limits: Limits, resolve: (answer: ReadAnswer) => void, reject: (error: unknown) => void): Asking {
  const { beginMs, endMs, bytesMax, signal } = limits
  const reader = createAnswerReader(bytesMax)
  const settle = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
  const fail = (error: unknown): void => {
    settle()
    reject(error)
  }
  const stop = (): void => fail(signal?.reason)
  const late = (what: string, ms: number) => setTimeout(() => fail(new Error(`${what} within ${ms} ms`)), ms)
  let timer = late('nothing', beginMs)
  let hasBegun = false
  signal?.addEventListener('abort', stop, { once: true })

  function take(step: () => ReadAnswer | undefined): boolean {
    try {
      const answer = step()
      if (answer === undefined) return false
      settle()
      resolve(answer)
    } catch (error) {
      fail(error)
    }
    return true
  }
  return {
    fail,
    feed(bytes) {
      if (take(() => reader.feed(bytes)) || hasBegun || !reader.hasBegun) return
      hasBegun = true
      clearTimeout(timer)
      timer = late('the answer did not end', endMs)
    },
    end() {
      if (take(() => reader.end())) return
      fail(reader.hasBegun ? new Error('the answer was cut off') : new Unanswered('the connection was closed'))
    },
  }
}
