import type { App } from './apps/app.ts'
import { withDefaults } from './apps/defaults.ts'
import { readShape, type Shape } from './apps/shape.ts'
import { readDeployment } from './deployments/read-deployment.ts'
import { groupsAbove } from './groups/group.ts'
import { indexInstance, type Machine, saveGroup } from './machine.ts'
import { setAside } from './store/set-aside.ts'
import { type Instance, taskStates } from './tasks/instance.ts'

/** What earlier servers called the end of a task that nobody saw; Marathon's tasks know no such state. */
const formerlyLost = 'TASK_LOST'

const text: Shape = { kind: 'string' }
const number: Shape = { kind: 'number' }
const any: Shape = { kind: 'any' }
const object = (fields: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape => ({
  kind: 'object',
  fields: { ...fields, ...optional },
  required: Object.keys(fields),
})
const mapOf = (of: Shape): Shape => ({ kind: 'map', of })
const listOf = (of: Shape): Shape => ({ kind: 'list', of })

const appVersion = object({
  definition: object({ id: text, instances: number, cpus: number, mem: number, labels: mapOf(text) }),
  version: text,
  lastScalingAt: text,
  lastConfigChangeAt: text,
})
const task = object(
  {
    id: text,
    state: { kind: 'string', oneOf: [...Object.keys(taskStates), formerlyLost] },
    hostPorts: listOf(number),
    stagedAt: text,
    sandbox: text,
    bootId: text,
    cpus: number,
    mem: number,
    killGraceMs: number,
    healthChecks: listOf(any),
  },
  { startedAt: text, message: text },
)

/** What each kind of record has to have for this server to work with it. Whatever else it holds stays as it is. */
const shapes = {
  'app:': object({ current: appVersion, older: listOf(appVersion) }),
  'instance:': object(
    {
      id: text,
      appId: text,
      goal: { kind: 'string', oneOf: ['Running', 'Stopped'] },
      version: text,
      configVersion: text,
      since: text,
      incarnation: number,
    },
    { task },
  ),
  'deployment:': object(
    { id: text, version: text, steps: listOf(object({ actions: listOf(object({ action: text, app: text })) })) },
    { currentStep: number, done: listOf(text), limits: mapOf(any), appId: text },
  ),
  'delay:': object({ configVersion: text, delayMs: number, sinceMs: number, maxMs: number }),
  'group:': object({ id: text, dependencies: listOf(text) }),
  'change:': object({ version: text, previousVersion: text, apps: mapOf(any), groups: mapOf(any) }),
} as const satisfies Record<string, Shape>

/** Reads every record back into memory. What this server cannot read is set aside, and said once: it never stops a start. */
export function recall(machine: Machine): void {
  const strange: string[] = []
  const load = <T>(prefix: keyof typeof shapes, into: Map<string, T>, read: (value: T) => T = (value) => value) => {
    for (const [key, value] of machine.store.list(prefix)) {
      if (readShape(shapes[prefix], value).complaints.length > 0) strange.push(key)
      else into.set(key.slice(prefix.length), read(value as T))
    }
  }
  load('app:', machine.apps, readApp)
  load('instance:', machine.instances, readInstance)
  for (const instance of machine.instances.values()) indexInstance(machine, instance)
  load('deployment:', machine.deployments, readDeployment)
  load('delay:', machine.delays)
  load('group:', machine.groups)
  load('change:', machine.changes)
  strange.push(...dropHopeless(machine))
  putAside(machine, strange)
  // Data of a server that knew no groups.
  for (const appId of machine.apps.keys()) {
    for (const id of groupsAbove(appId)) if (!machine.groups.has(id)) saveGroup(machine, { id, dependencies: [] })
  }
}

function readInstance(stored: Instance): Instance {
  const { task } = stored
  if (task && String(task.state) === formerlyLost) task.state = 'TASK_GONE'
  return stored
}

/** Defaults that were not there when it was written are filled in. */
function readApp(stored: App): App {
  const complete = (version: App['current']) => ({
    ...version,
    definition: withDefaults(version.definition, version.definition.id),
  })
  const { lastTaskFailure: failure } = stored
  return {
    ...stored,
    current: complete(stored.current),
    older: stored.older.map(complete),
    ...(failure?.state === formerlyLost ? { lastTaskFailure: { ...failure, state: 'TASK_GONE' } } : {}),
  }
}

/** A deployment of an app that could not be read would never end, and lock its other apps for ever. */
function dropHopeless({ deployments, apps }: Machine): string[] {
  const hopeless = [...deployments.values()].filter(({ steps }) =>
    steps.some((step) => step.actions.some(({ action, app }) => action !== 'StopApplication' && !apps.has(app))),
  )
  for (const { id } of hopeless) deployments.delete(id)
  return hopeless.map(({ id }) => `deployment:${id}`)
}

function putAside({ store, settings, log }: Machine, keys: readonly string[]): void {
  if (keys.length === 0) return
  const all = new Map(keys.map((key) => [key, store.list(key).find(([name]) => name === key)?.[1]]))
  const path = setAside(
    settings.dataDir,
    [...all].map((record) => JSON.stringify(record)),
  )
  for (const key of keys) store.set(key, null)
  log.warn({ path, keys: keys.slice(0, 10), count: keys.length }, 'records that could not be read were set aside')
}
