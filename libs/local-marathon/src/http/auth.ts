import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** Jetty's own page: with --http_credentials it answers before Marathon sees the request. */
const unauthorized = `<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error 401 Unauthorized</title>
</head>
<body><h2>HTTP ERROR 401</h2>
<p>Reason:
<pre>    Unauthorized</pre></p>
</body>
</html>
`

/** Lets in whoever carries this account and password, as Marathon does with --http_credentials. */
export function addAuth(server: FastifyInstance, { user, password }: { user: string; password: string }): void {
  const isRight = createBasicAuth(user, password)
  server.addHook('onRequest', async (request, reply) => {
    if (isRight(request.headers.authorization)) return
    reply.code(401).header('www-authenticate', 'basic realm="Mesosphere"').type('text/html;charset=iso-8859-1')
    return reply.send(unauthorized)
  })
}

/** Compared by digest, so that time tells nothing. */
export function createBasicAuth(user: string, password: string): (header: string | undefined) => boolean {
  const wanted = digest(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  return (header) => timingSafeEqual(digest(`Basic ${(header ?? '').replace(/^basic +/i, '')}`), wanted)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
