import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorKinds, isBatonError } from '@baton/model'
import { createStateClient, type StateClient } from '@baton/state-client'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent
  readonly body: any
}

export type Answers = Readonly<Record<string, (asked: Asked) => unknown>>

/** A State-Controller for tests, over real HTTP: `'POST /api/repositories'` and the like answer, everything is kept. */
export async function openFakeState(answers: Answers) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const path = decodeURIComponent(request.url ?? '')
      const text = Buffer.concat(chunks).toString('utf8')
      const token = request.headers.authorization?.replace('Bearer ', '')
      const one = { method: request.method ?? '', path, token, body: text === '' ? undefined : JSON.parse(text) }
      asked.push(one)
      try {
        const found = Object.entries(answers).find(([route]) => matches(route, one))
        const answer = found === undefined ? undefined : await found[1](one)
        if (answer === undefined) response.writeHead(found === undefined ? 404 : 204).end()
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      } catch (error) {
        if (!isBatonError(error)) throw error
        const { code, message: detail, hint } = error
        response.writeHead(errorKinds[error.kind].status, { 'content-type': 'application/problem+json' })
        response.end(JSON.stringify({ status: error.status, code, detail, hint }))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const state: StateClient = createStateClient({ url, token: 'service' })
  return {
    url,
    state,
    asked,
    heard: (route: string) => asked.filter((one) => matches(route, one)),
    async close() {
      state.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// `*` in a route stands for one part of the path.
function matches(route: string, { method, path }: Asked): boolean {
  const pattern = route.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]+')
  return new RegExp(`^${pattern}$`).test(`${method} ${path.split('?')[0]}`)
}
