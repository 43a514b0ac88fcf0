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
  if (target.scheme === 'tcp') return connects(target)
  return ask(target, 0).then(
    ({ status }) => (status >= statusMin && status < statusEnd ? undefined : `HTTP status ${status}`),
    (error: Error) => error.message,
  )
}

/** Resolves with why it cannot be connected to, or nothing when it can. */
export function connects({ host, port, timeoutMs }: Omit<Target, 'scheme' | 'path'>): Promise<string | undefined> {
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

export interface Response {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** More of a body is of no use to whoever wants to know why a task is not ready. */
const bodyCharsMax = 4_096

/** One GET, on a connection of its own. @throws on a transport error or when it takes too long */
export async function ask(target: Target, bodyMax = bodyCharsMax): Promise<Response> {
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
      const { statusCode: status = 0, headers } = response
      let body = ''
      const finish = () => {
        response.destroy()
        resolve({ status, contentType: headers['content-type'] ?? '', body: body.slice(0, bodyMax) })
      }
      response.on('error', finish).on('end', finish).setEncoding('utf8')
      if (bodyMax === 0) return finish()
      response.on('data', (text: string) => {
        body += text
        if (body.length >= bodyMax) finish()
      })
    })
    request.on('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs} ms`) : error),
    )
  })
}
