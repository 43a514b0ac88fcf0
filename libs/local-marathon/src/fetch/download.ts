import { constants, copyFile, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const redirectsMax = 5
/** A server that sends nothing for so long is given up. Mesos: --fetcher_stall_timeout. */
const silenceMaxMs = 60_000

/** Copies what the address names into `target`, which must not exist yet. http, https, file and plain absolute paths. */
export async function download(uri: string, target: string, signal: AbortSignal): Promise<void> {
  if (uri.startsWith('/')) return copyFile(uri, target, constants.COPYFILE_FICLONE)
  const address = new URL(uri)
  if (address.protocol === 'file:') return copyFile(fileURLToPath(address), target, constants.COPYFILE_FICLONE)
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    throw new Error(`the scheme ${address.protocol} is not supported`)
  }
  await save(await request(address, signal, redirectsMax), target, signal)
}

async function save(response: IncomingMessage, target: string, signal: AbortSignal): Promise<void> {
  // Exclusive: never through a link that an unpacked archive left.
  await rm(target, { force: true })
  const file = await open(target, 'wx', 0o644)
  await pipeline(response, file.createWriteStream(), { signal })
}

async function request(address: URL, signal: AbortSignal, redirectsLeft: number): Promise<IncomingMessage> {
  const response = await get(address, signal)
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  response.resume()
  const location = response.headers.location
  if (status >= 300 && status < 400 && location !== undefined) {
    if (redirectsLeft === 0) throw new Error(`more than ${redirectsMax} redirects`)
    return request(new URL(location, address), signal, redirectsLeft - 1)
  }
  throw new Error(`the server answered ${status}`)
}

async function get(address: URL, signal: AbortSignal): Promise<IncomingMessage> {
  // TLS is only loaded when somebody needs it: it costs memory in a server that mostly idles.
  const { get: send } = address.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const sent = send(address, { signal, timeout: silenceMaxMs }, resolve)
    sent.on('timeout', () => sent.destroy(new Error(`the server was silent for ${silenceMaxMs} ms`)))
    sent.on('error', reject)
  })
}
