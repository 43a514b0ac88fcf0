import { connect } from 'node:net'

export interface Target {
  readonly scheme: 'http' | 'https' | 'tcp'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly timeoutMs: number
}

/** Below 200 is informational, from 400 on it is an error. */
const statusMin = 200
const statusEnd = 400

/** Asks once. Resolves with why it is not healthy, or nothing when it is; never rejects. */
export function probe(target: Target): Promise<string | undefined> {
  if (target.scheme === 'tcp') return probeTcp(target)
  return askStatus(target).then(
    (status) => (status >= statusMin && status < statusEnd ? undefined : `HTTP status ${status}`),
    (error: Error) => error.message,
  )
}

function probeTcp({ host, port, timeoutMs }: Target): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const finish = (cause?: string) => {
      socket.destroy()
      resolve(cause)
    }
    socket.setTimeout(timeoutMs, () => finish(`no connection within ${timeoutMs} ms`))
    socket.on('connect', () => finish())
    socket.on('error', (error) => finish(error.message))
  })
}

/** The status of one GET, on a connection of its own. @throws on a transport error or when it takes too long */
export async function askStatus(target: Target): Promise<number> {
  const { get } = target.scheme === 'https' ? await import('node:https') : await import('node:http')
  const { host, port, path, timeoutMs } = target
  return new Promise((resolve, reject) => {
    // Certificates are not checked, as in Marathon. `timeout` alone is about silence: a dripping answer needs the signal.
    const options = {
      host,
      port,
      path,
      agent: false as const,
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(timeoutMs),
    }
    const request = get(options, (response) => {
      response.on('error', () => undefined)
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs} ms`) : error),
    )
  })
}
