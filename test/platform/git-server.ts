import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { plainEnvironment } from './run.ts'

export interface GitServer {
  /** Of the folder: `${url}/todo.git` is a repository in it. */
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Serves the bare repositories in `dir` over smart HTTP on the loopback, as a forge does: by `git http-backend`. */
export async function startGitServer(dir: string): Promise<GitServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    serve(dir, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

// RFC 3875, and git-http-backend(1): the request as environment, its body as stdin, header lines before the answer's body.
function serve(dir: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const cgi = spawn('git', ['http-backend'], {
    env: {
      ...plainEnvironment(),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-length'] && { CONTENT_LENGTH: request.headers['content-length'] }),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
    },
  })
  cgi.stdin.on('error', () => {})
  request.pipe(cgi.stdin)
  const chunks: Buffer[] = []
  cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  cgi.on('close', () => answer(response, Buffer.concat(chunks)))
  cgi.on('error', () => response.writeHead(500).end())
}

const headEnd = '\r\n\r\n'

function answer(response: ServerResponse, whole: Buffer): void {
  const split = whole.indexOf(headEnd)
  if (split < 0) return void response.writeHead(500).end()
  for (const line of whole.toString('latin1', 0, split).split('\r\n')) {
    const [name = '', value = ''] = line.split(': ')
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
    else response.setHeader(name, value)
  }
  response.end(whole.subarray(split + headEnd.length))
}
