import type { Instance, Task, TaskState } from '../tasks/instance.ts'
import { taskStates } from '../tasks/instance.ts'

/** One event as it goes over the wire. */
export interface MarathonEvent {
  readonly eventType: string
  readonly timestamp: string
  readonly [field: string]: unknown
}

type Listener = (event: MarathonEvent) => void

/** Conditions of an instance; those of a task, and the two before there is one. */
export type Condition = 'Scheduled' | 'Provisioned' | (typeof taskStates)[TaskState]['condition']

/** Tells everybody who listens. Nothing is kept: who connects late reads the state again, as with Marathon. */
export class EventBus {
  readonly #listeners = new Map<Listener, () => void>()
  readonly #place: { readonly host: string; readonly agentId: string }
  readonly #now: () => Date

  constructor(place: { host: string; agentId: string }, now: () => Date) {
    this.#place = place
    this.#now = now
  }

  /** Returns how to stop listening. `cut` is called when this server is no longer the one to listen to. */
  listen(listener: Listener, cut: () => void): () => void {
    this.#listeners.set(listener, cut)
    return () => this.#listeners.delete(listener)
  }

  /** Sends everybody away: they connect again, and read the state anew. */
  disconnectAll(): void {
    for (const cut of [...this.#listeners.values()]) cut()
    this.#listeners.clear()
  }

  get listenerCount(): number {
    return this.#listeners.size
  }

  emit(eventType: string, fields: Record<string, unknown>): void {
    if (this.#listeners.size === 0) return
    const event: MarathonEvent = { ...fields, eventType, timestamp: this.#now().toISOString() }
    for (const listener of this.#listeners.keys()) listener(event)
  }

  statusUpdate(instance: Instance, task: Task): void {
    this.emit('status_update_event', {
      slaveId: this.#place.agentId,
      taskId: task.id,
      taskStatus: task.state,
      message: task.message,
      appId: instance.appId,
      host: this.#place.host,
      ipAddresses: [{ ipAddress: this.#place.host, protocol: 'IPv4' }],
      ports: task.hostPorts,
      version: instance.version,
    })
    this.instanceChanged(instance, taskStates[task.state].condition)
  }

  instanceChanged(instance: Instance, condition: Condition): void {
    this.emit('instance_changed_event', {
      instanceId: instance.id,
      condition,
      runSpecId: instance.appId,
      agentId: this.#place.agentId,
      host: this.#place.host,
      runSpecVersion: instance.version,
    })
  }
}
