import { setTimeout as wait } from 'node:timers/promises'
import type { AppInfo, Marathon } from '@baton/marathon'
import { errors } from '../errors.ts'
import { definitionLabel, type ServiceDefinition } from './definitions.ts'

const healthyMs = 90_000
const lookMs = 100

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
  // Whoever was upgrading it is overridden: the newest release wins.
  await marathon.putApp(definition.id, { ...definition, instances }, { force: true })
  return found.instances > 0 ? 'upgraded' : 'started'
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
