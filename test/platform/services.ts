import type { AppInfo, Marathon } from '@baton/marathon'
import { appIdOfService, type ServiceName } from '../../deploy/local/definitions.ts'
import { type Answer, ask } from './ask.ts'
import { listProcessesOfTask } from './processes.ts'
import { notYet, waitFor } from './wait-for.ts'

export type { ServiceName }

/** The services of one platform as Marathon apps: what an operator may do to them. */
export interface Services {
  find(service: ServiceName): Promise<AppInfo>
  /** Changes settings by a PUT of the app's environment, and waits until the new ones run. */
  set(service: ServiceName, env: Record<string, string>): Promise<void>
  /** Scales, and waits until so many are healthy and no more are left. */
  scale(service: ServiceName, instances: number): Promise<void>
  /** Waits until the instances that there should be are healthy. */
  isHealthy(service: ServiceName): Promise<AppInfo>
  /** The process numbers of the service itself, one an instance. */
  listPids(service: ServiceName): Promise<number[]>
}

const rollMaxMs = 60_000

/** @param askMarathon one request to Marathon's own API */
export function servicesOf(marathon: Marathon, askMarathon: AskMarathon): Services {
  const find = async (service: ServiceName) => {
    const app = await marathon.findApp(appIdOfService(service))
    if (app === undefined) throw new Error(`Marathon has no app of ${service}`)
    return app
  }
  const isHealthy = (service: ServiceName) =>
    waitFor(`${service} to be healthy`, rollMaxMs, async () => {
      const app = await find(service)
      const isDone = app.deployments.length === 0 && app.tasksRunning === app.instances
      return isDone && app.tasksHealthy === app.instances ? app : notYet(tellApp(app))
    })
  const put = async (service: ServiceName, change: object) => {
    const { status, text } = await askMarathon('PUT', `/v2/apps${appIdOfService(service)}?force=true`, change)
    if (status >= 300) throw new Error(`Marathon answered ${status}: ${text}`)
    await isHealthy(service)
  }
  return {
    find,
    isHealthy,
    set: async (service, env) => put(service, { env: { ...(await find(service)).env, ...env } }),
    scale: (service, instances) => put(service, { instances }),
    listPids: async (service) => (await find(service)).tasks.flatMap(({ id }) => pidOf(id, service)),
  }
}

export type AskMarathon = (method: string, path: string, json?: unknown) => Promise<Answer>

/** Asks Marathon as its one account. */
export function marathonAsker(url: string, user: string, password: string): AskMarathon {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return (method, path, json) => ask(`${url}${path}`, { method, json, headers: { authorization } })
}

/** Beside the service its task has a shim and a shell, which wait for it. */
function pidOf(taskId: string, service: string): number[] {
  const own = listProcessesOfTask(taskId).filter(({ command }) => command.endsWith(`${service}.mjs`))
  return own.map(({ pid }) => pid)
}

const tellApp = (app: AppInfo): string =>
  `${app.tasksHealthy} healthy and ${app.tasksRunning} running of ${app.instances}, ${app.deployments.length} deployments` +
  (app.lastTaskFailure === undefined ? '' : `, last failure: ${app.lastTaskFailure.message}`)
