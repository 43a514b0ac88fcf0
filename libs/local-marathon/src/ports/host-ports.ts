import { createServer } from 'node:net'
import type { AppDefinition } from '../apps/app.ts'
import type { Machine } from '../machine.ts'
import { isActive } from '../tasks/instance.ts'

/** Chooses the ports that tasks listen on. */
export interface HostPorts {
  /** One port for each port definition, or nothing when there are not enough. They are the task's once it is launched. */
  take(app: AppDefinition, machine: Machine): Promise<number[] | undefined>
}

export function createHostPorts(range: { from: number; to: number }): HostPorts {
  const size = range.to - range.from + 1
  // Starts anywhere: two Marathons on one machine get in each other's way less, and a port rests before it is used again.
  let next = Math.floor(Math.random() * size)

  async function take(app: AppDefinition, machine: Machine): Promise<number[] | undefined> {
    const definitions = app.portDefinitions ?? []
    if (definitions.length === 0) return []
    const used = usedPorts(machine)
    if (app.requirePorts)
      return takeGiven(
        definitions.map((definition) => definition.port),
        used,
      )
    const chosen: number[] = []
    for (let tries = 0; tries < size && chosen.length < definitions.length; tries++) {
      const port = range.from + next
      next = (next + 1) % size
      if (!used.has(port) && (await isFree(port))) chosen.push(port)
    }
    return chosen.length === definitions.length ? chosen : undefined
  }

  return { take }
}

async function takeGiven(ports: number[], used: ReadonlySet<number>): Promise<number[] | undefined> {
  for (const port of ports) if (used.has(port) || !(await isFree(port))) return undefined
  return ports
}

function usedPorts(machine: Machine): Set<number> {
  return new Set([...machine.instances.values()].filter(isActive).flatMap((instance) => instance.task.hostPorts))
}

/** Whether nobody listens on it, on any address: the only way to know is to try. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
