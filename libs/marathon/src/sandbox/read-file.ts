import type { IncomingMessage } from 'node:http'
import { toError } from '../http/read-answer.ts'
import type { Transport } from '../http/transport.ts'
import type { MarathonInfo, Task } from '../types.ts'

/** How a local Marathon names itself in `buildref`: it serves its tasks' sandboxes itself. */
const localBuildref = 'baton-local'
/** Where Mesos agents listen unless they were told otherwise. */
const agentPort = 5051

export interface Piece {
  /** First byte. */
  readonly offset: number
  /** Bytes at most. */
  readonly length: number
}

/**
 * Reads a piece of a file in a task's sandbox through its agent. Nothing there (any more): undefined. `/files/download`
 * and not `/files/read`, as that carries bytes as JSON text and spoils what is no UTF-8; the local Marathon honours the
 * Range, an agent sends the file from its start and what comes before the piece is dropped.
 */
export async function readSandboxFile(
  transport: Transport,
  info: MarathonInfo,
  task: Pick<Task, 'id' | 'host'>,
  path: string,
  piece: Piece,
): Promise<Buffer | undefined> {
  if (piece.length <= 0) return Buffer.alloc(0)
  const sandbox = `/frameworks/${info.frameworkId ?? ''}/executors/${task.id}/runs/latest`
  const agent = info.buildref === localBuildref ? {} : { url: `http://${task.host}:${agentPort}` }
  const abort = new AbortController()
  const ask = {
    ...agent,
    method: 'GET',
    path: `/files/download?path=${encodeURIComponent(`${sandbox}/${path}`)}`,
    headers: { accept: '*/*', range: `bytes=${piece.offset}-${piece.offset + piece.length - 1}` },
  } as const
  const response = await transport.open(ask, abort.signal)
  const status = response.statusCode ?? 0
  if (status !== 200 && status !== 206) response.resume()
  if (status === 404) return undefined
  if (status === 416) return Buffer.alloc(0)
  if (status !== 200 && status !== 206) throw toError(transport, { status, body: Buffer.from('the file was refused') })
  try {
    return await cut(response, status === 206 ? 0 : piece.offset, piece.length)
  } catch (error) {
    throw transport.unreachable(error)
  } finally {
    abort.abort()
  }
}

async function cut(response: IncomingMessage, skip: number, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let at = 0
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const part = chunk.subarray(Math.max(0, skip - at), Math.max(0, skip - at) + (length - bytes))
    at += chunk.length
    bytes += part.length
    chunks.push(part)
    if (bytes >= length) break
  }
  return Buffer.concat(chunks)
}
