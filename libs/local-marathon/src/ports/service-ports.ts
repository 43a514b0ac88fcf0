import { createServer, type Server, type Socket } from 'node:net'
import type { App, AppDefinition } from '../apps/app.ts'
import { instancesOf, type Machine } from '../machine.ts'
import { type Instance, isRunning } from '../tasks/instance.ts'
import { proxy } from './proxy.ts'

/** A service port that is taken is tried again: whoever holds it may go. */
const retryMs = 5_000

interface Listening {
  readonly server: Server
  readonly appId: string
  isOpen: boolean
}

/** Listens on the apps' service ports and balances over their tasks, as marathon-lb does in production. */
export interface ServicePorts {
  /** Fills each port 0 with the lowest number that no app has and nobody listens on. @throws when none is left */
  assign(definitions: readonly AppDefinition[]): Promise<AppDefinition[]>
  /** Listens on exactly the ports of this app; `undefined` when the app is gone. */
  follow(appId: string, app: App | undefined): void
  /** Ports that should be open but are not. */
  listClosed(): { appId: string; port: number }[]
  close(): void
}

export function createServicePorts(machine: Machine): ServicePorts {
  const listening = new Map<number, Listening>()
  const sockets = new Set<Socket>()
  const turns = new Map<string, number>()
  const timers = new Set<NodeJS.Timeout>()
  let isClosed = false

  async function assign(definitions: readonly AppDefinition[]): Promise<AppDefinition[]> {
    const isOpen = definitions.some((one) => portsOf(one).includes(0))
    if (!isOpen) return [...definitions]
    const known = [...machine.apps.values()].map((app) => app.current.definition)
    const taken = new Set([...known, ...definitions].flatMap(portsOf))
    const assigned = []
    for (const definition of definitions) assigned.push(await assignOne(definition, taken))
    return assigned
  }

  async function assignOne(definition: AppDefinition, taken: Set<number>): Promise<AppDefinition> {
    if (!definition.portDefinitions) return definition
    const portDefinitions = []
    for (const port of definition.portDefinitions) {
      const chosen = port.port || (await lowestFree(taken))
      taken.add(chosen)
      portDefinitions.push({ ...port, port: chosen })
    }
    return { ...definition, portDefinitions }
  }

  async function lowestFree(taken: ReadonlySet<number>): Promise<number> {
    const { from, to } = machine.settings.servicePorts
    for (let port = from; port <= to; port++) {
      if (!taken.has(port) && (listening.has(port) || (await canListen(port, machine.settings.host)))) return port
    }
    throw new Error('no service port is left')
  }

  function follow(appId: string, app: App | undefined): void {
    const wanted = new Map(app ? servedPorts(app.current.definition) : [])
    for (const [port, one] of listening) {
      if (one.appId === appId && !wanted.has(port)) stopListening(port, one)
    }
    for (const [port, index] of wanted) if (!listening.has(port)) startListening(appId, port, index)
  }

  function startListening(appId: string, port: number, index: number): void {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      sockets.add(client)
      client.on('close', () => sockets.delete(client))
      void proxy(client, () => pick(appId, index))
    })
    const entry: Listening = { server, appId, isOpen: false }
    listening.set(port, entry)
    server.on('error', (error) => {
      machine.log.error({ err: error, appId, port }, 'service port cannot be listened on')
      entry.isOpen = false
      retry(port, entry)
    })
    server.on('listening', () => (entry.isOpen = true))
    server.listen(port, machine.settings.host)
  }

  function retry(port: number, entry: Listening): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!isClosed && listening.get(port) === entry) entry.server.listen(port, machine.settings.host)
    }, retryMs)
    timers.add(timer)
  }

  /** Connections in flight are left to drain: only the door is closed. */
  function stopListening(port: number, entry: Listening): void {
    listening.delete(port)
    if (entry.isOpen) entry.server.close()
  }

  function pick(appId: string, index: number) {
    const running = instancesOf(machine, appId).filter((one) => isRunning(one) && one.goal === 'Running')
    const serving = running.filter((one) => machine.health.isServing(one))
    // Nothing is known right after a restart of this server: better a task of unknown health than none.
    const unknown = running.filter((one) => machine.health.stateOf(one) === 'unknown' && isAdopted(one))
    const candidates = serving.length > 0 ? serving : unknown
    const turn = (turns.get(appId) ?? 0) + 1
    turns.set(appId, turn)
    const port = candidates[turn % candidates.length]?.task?.hostPorts[index]
    return port === undefined ? undefined : { host: machine.settings.taskHost, port }
  }

  const startedAt = machine.now().toISOString()
  const isAdopted = (instance: Instance) => (instance.task?.startedAt ?? startedAt) < startedAt

  function close(): void {
    isClosed = true
    for (const timer of timers) clearTimeout(timer)
    for (const [port, one] of listening) stopListening(port, one)
    for (const socket of sockets) socket.destroy()
  }

  return {
    assign,
    follow,
    listClosed: () => [...listening].flatMap(([port, one]) => (one.isOpen ? [] : [{ appId: one.appId, port }])),
    close,
  }
}

function portsOf(definition: AppDefinition): number[] {
  return (definition.portDefinitions ?? []).map((port) => port.port)
}

/** Required ports are the tasks' own, and only TCP can be balanced here. */
function servedPorts(definition: AppDefinition): [port: number, index: number][] {
  if (definition.requirePorts) return []
  return (definition.portDefinitions ?? []).flatMap(({ port, protocol }, index): [number, number][] =>
    port > 0 && protocol.includes('tcp') ? [[port, index]] : [],
  )
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
