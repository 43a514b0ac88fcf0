import { setTimeout as wait } from 'node:timers/promises'
import type { AppInfo, Marathon } from '@baton/marathon'
import { errors } from '../errors.ts'
import { definitionLabel, type ServiceDefinition } from './definitions.ts'

const healthyMs = 90_000
const lookMs = 100
/** So long after a restart of Marathon the health of every task is known, or there is none. */
const healthKnownMs = 10_000

/** What had to be done to a service: `started` also means started again after a drain. */
export type Rolled = 'started' | 'upgraded' | 'unchanged'

/**
 * Brings one service to `definition`. An app that has it already is left alone, however many instances somebody gave it;
 * one that was drained to none gets its instances back; any other is upgraded as its own strategy says.
 */
export async function rollService(marathon: Marathon, definition: ServiceDefinition): Promise<Rolled> {
  const found = await marathon.findApp(definition.id)
  if (found === undefined) {
    await marathon.createApp(definition)
    return 'started'
  }
  if (found.labels[definitionLabel] === definition.labels[definitionLabel]) {
    if (found.instances > 0) return 'unchanged'
    await marathon.scaleApp(definition.id, definition.instances)
    return 'started'
  }
  const instances = Math.max(found.instances, definition.instances)
  if (found.instances > 0) await makeRoom(marathon, definition)
  // Whoever was upgrading it is overridden: the newest release wins.
  await marathon.putApp(definition.id, { ...definition, instances }, { force: true })
  return found.instances > 0 ? 'upgraded' : 'started'
}

/**
 * An app that may never have a task too many is upgraded by ending a healthy one first. Marathon ends no other, and
 * without room it starts none, so such an upgrade would wait for ever. Just after Marathon's own restart no health is
 * known yet, and is waited for; a task that is broken makes room by being scaled away.
 */
async function makeRoom(marathon: Marathon, { id, upgradeStrategy }: ServiceDefinition): Promise<void> {
  if (upgradeStrategy?.maximumOverCapacity !== 0) return
  const isHealthy = (app: AppInfo | undefined) => app !== undefined && app.tasksHealthy >= app.instances
  if (await becomes(healthKnownMs, async () => isHealthy(await marathon.findApp(id)))) return
  await marathon.scaleApp(id, 0, { force: true })
  await becomes(healthyMs, async () => (await marathon.listTasks(id)).length === 0)
}

async function becomes(limitMs: number, look: () => Promise<boolean>): Promise<boolean> {
  for (const until = performance.now() + limitMs; performance.now() < until; await wait(lookMs)) {
    if (await look().catch(() => false)) return true
  }
  return false
}

/** Waits until every instance of the service is healthy and nothing of an older definition is left. @throws SERVICE_NOT_HEALTHY */
export async function waitUntilHealthy(
  marathon: Marathon,
  definition: ServiceDefinition,
  logFile: string,
): Promise<void> {
  const until = performance.now() + healthyMs
  let last: AppInfo | undefined
  while (performance.now() < until) {
    last = await marathon.findApp(definition.id).catch(() => last)
    if (last !== undefined && isHealthy(last, definition)) return
    await wait(lookMs)
  }
  throw errors.SERVICE_NOT_HEALTHY({
    service: definition.id,
    seconds: healthyMs / 1000,
    why: findWhy(last),
    log: logFile,
  })
}

function isHealthy(app: AppInfo, definition: ServiceDefinition): boolean {
  const isWanted = app.labels[definitionLabel] === definition.labels[definitionLabel]
  return isWanted && app.tasksHealthy >= app.instances && app.deployments.length === 0
}

function findWhy(app: AppInfo | undefined): string {
  const failure = app?.lastTaskFailure
  return failure === undefined ? `task ${app?.tasks[0]?.id ?? 'not there yet'}` : `${failure.taskId} ${failure.message}`
}
