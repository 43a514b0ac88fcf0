import type { FastifyInstance, FastifyReply } from 'fastify'
import { browse, openRange, readPiece, resolveSandboxPath } from '../sandbox/files.ts'
import type { Api } from './api.ts'
import { Query } from './query.ts'
import { Refusal } from './refusal.ts'

/** Mesos answers at most this much of a file at once. */
const pieceBytesMax = 64 * 1024

/** The sandboxes, as a Mesos agent serves them. */
export function addFileRoutes(server: FastifyInstance, api: Api): void {
  const { settings } = api.machine
  const resolve = async (url: string) => {
    const path = new Query(url).find('path')
    if (!path) throw new Refusal(400, { message: 'Expecting path=value in query' })
    const found = await resolveSandboxPath(settings, path)
    if (!found) throw new Refusal(404, { message: 'Failed to find the file' })
    return found
  }

  server.get('/files/browse', async (request) => browse(await resolve(request.url)))

  server.get('/files/read', async (request) => {
    const query = new Query(request.url)
    const offset = Number(query.find('offset') ?? -1)
    const length = Math.min(Number(query.find('length') ?? pieceBytesMax), pieceBytesMax)
    if (!Number.isInteger(offset) || !(length >= 0))
      throw new Refusal(400, { message: 'Failed to parse offset or length' })
    return readPiece(await resolve(request.url), offset, length)
  })

  server.get('/files/download', async (request, reply) =>
    download(reply, await resolve(request.url), request.headers.range),
  )
}

const rangePattern = /^bytes=(\d+)-(\d*)$/

/** The whole file, or the piece that a Range header names: the one way to read bytes that are no text. */
async function download(reply: FastifyReply, path: string, range: string | undefined) {
  const match = rangePattern.exec(range ?? '')
  const from = match ? Number(match[1]) : 0
  const to = match?.[2] ? Number(match[2]) : Number.POSITIVE_INFINITY
  const piece = await openRange(path, from, to)
  reply.type('application/octet-stream').header('accept-ranges', 'bytes')
  if (match && piece.length === 0) {
    await piece.close()
    return reply.code(416).header('content-range', `bytes */${piece.size}`).send()
  }
  if (match) reply.code(206).header('content-range', `bytes ${from}-${from + piece.length - 1}/${piece.size}`)
  return reply.header('content-length', piece.length).send(piece.stream())
}
