import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Backend {
  readonly host: string
  readonly port: number
}

/** A service that is just being replaced has a moment to come back before its caller is turned away. */
const holdMs = 2_000
const holdPauseMs = 50
const connectMaxMs = 1_000

/** Joins a client to one of the backends that `pick` offers, byte by byte. Never throws; closes what cannot be served. */
export async function proxy(client: Socket, pick: () => Backend | undefined): Promise<void> {
  client.on('error', () => client.destroy())
  client.setNoDelay(true)
  const backend = await connectSome(client, pick)
  if (!backend) return void client.destroy()
  join(client, backend)
}

async function connectSome(client: Socket, pick: () => Backend | undefined): Promise<Socket | undefined> {
  const endAt = Date.now() + holdMs
  while (!client.destroyed) {
    const target = pick()
    const backend = target && (await tryConnect(target))
    if (backend) return backend
    if (Date.now() > endAt) return undefined
    await pause(holdPauseMs)
  }
  return undefined
}

function tryConnect(target: Backend): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, allowHalfOpen: true, noDelay: true, timeout: connectMaxMs })
    const fail = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('error', fail)
    socket.once('timeout', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.off('timeout', fail)
      // From here on silence is nobody's fault: event streams may be quiet for long.
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

/** `pipe` carries backpressure and passes each side's end on alone, so a half-closed connection stays half open. */
function join(client: Socket, backend: Socket): void {
  const drop = () => {
    client.destroy()
    backend.destroy()
  }
  for (const socket of [client, backend]) {
    socket.on('error', drop)
    socket.on('close', (hadError) => {
      if (hadError || !socket.readableEnded) drop()
    })
  }
  client.pipe(backend)
  backend.pipe(client)
  if (client.destroyed) drop()
}
