import { createServer } from 'node:net'
import { errors } from '../errors.ts'

/** Where the platform listens, if nobody else does. */
export const preferredPorts = { marathon: 8080, controller: 8081, builder: 8082, spawner: 8083 } as const

export type PortName = keyof typeof preferredPorts
export type Ports = Readonly<Record<PortName, number>>
export const portNames = Object.keys(preferredPorts) as readonly PortName[]

const triesMax = 200

/**
 * A free port for each name: the wanted one, or the next free after it; 0 is any. Ports in `ours` are not tested, as
 * our own Marathon listens on them already.
 * @throws PORT_TAKEN
 */
export async function choosePorts(wanted: Ports, host: string, ours: ReadonlySet<number>): Promise<Ports> {
  const chosen: Partial<Record<PortName, number>> = {}
  const taken = new Set<number>()
  for (const name of portNames) {
    const port = ours.has(wanted[name]) ? wanted[name] : await findFreePort(wanted[name], host, taken)
    taken.add(port)
    chosen[name] = port
  }
  return chosen as Ports
}

async function findFreePort(from: number, host: string, taken: ReadonlySet<number>): Promise<number> {
  for (let port = from; port < from + triesMax && port <= 65_535; port += from === 0 ? 0 : 1) {
    const free = taken.has(port) ? undefined : await bindOnce(port, host)
    if (free !== undefined && !taken.has(free)) return free
  }
  throw errors.PORT_TAKEN({ port: from, last: from + triesMax - 1 })
}

/** The port, if it can be listened on right now; for 0 the one the system gave. */
export function bindOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(bound))
    })
  })
}
