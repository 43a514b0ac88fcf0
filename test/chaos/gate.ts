import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to a server that can be held shut: whoever comes then waits. */
export interface Gate {
  readonly url: string
  shut(): void
  open(): void
  close(): Promise<void>
}

/** Opens a gate in front of `target`, on the loopback. */
export async function openGate(target: string): Promise<Gate> {
  let opened = Promise.resolve()
  let open = () => {}
  const server = createServer(async (request, response) => {
    await opened
    const { method, headers, url } = request
    const forward = ask(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut() {
      opened = new Promise((resolve) => {
        open = resolve
      })
    },
    open: () => open(),
    close: () =>
      new Promise((resolve) => {
        open()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
