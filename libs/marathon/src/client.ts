import { isBatonError } from '@baton/model'
import { errors } from './errors.ts'
import { type EventOptions, followEvents } from './events/follow.ts'
import { isTaken, readAnswer, toError } from './http/read-answer.ts'
import { type Ask, Transport } from './http/transport.ts'
import { type Piece, readSandboxFile } from './sandbox/read-file.ts'
import type { AppDefinition, AppInfo, Deployment, DeploymentResult, MarathonInfo, QueueItem, Task } from './types.ts'

export interface MarathonOptions {
  /** Of the server or the cluster, without `/v2`. May carry user and password. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** For each request, until its answer is whole. */
  readonly timeoutMs?: number
  /** The id of the request that a call is made for, if it is made for one: sent as `x-request-id`. */
  readonly requestId?: () => string | undefined
}

const defaultTimeoutMs = 15_000

/**
 * Marathon, as this platform uses it. Every method may say MARATHON_UNREACHABLE (repeat later), MARATHON_UNAUTHORIZED
 * and MARATHON_REFUSED; those that change apps also MARATHON_LOCKED and MARATHON_FULL.
 */
export interface Marathon {
  /** POST. A name that is taken is no error: after a lost answer the repeat finds its own app. */
  createApp(app: AppDefinition): Promise<'created' | 'exists'>
  /** With counts, tasks, deployments and the last failure. */
  findApp(id: string): Promise<AppInfo | undefined>
  /** By label selector (`a==b,c`), with counts and tasks. */
  listApps(labelSelector: string): Promise<AppInfo[]>
  /** Overrides running deployments. Resolves when the app is gone from the list; its tasks may still be dying. */
  deleteApp(id: string): Promise<'deleted' | 'missing'>
  /** Replaces the whole definition, or creates it. */
  putApp(id: string, app: AppDefinition, options?: { force?: boolean }): Promise<DeploymentResult>
  scaleApp(id: string, instances: number, options?: { force?: boolean }): Promise<DeploymentResult>
  restartApp(id: string, options?: { force?: boolean }): Promise<DeploymentResult>
  /** Empty for an unknown app. */
  listTasks(appId: string): Promise<Task[]>
  listDeployments(): Promise<Deployment[]>
  listQueue(): Promise<QueueItem[]>
  info(): Promise<MarathonInfo>
  /** @throws MARATHON_UNREACHABLE */
  ping(): Promise<void>
  /** Follows events until the signal aborts. Reconnects; `onOpen` after each, as there is no replay. Never rejects. */
  events(options: EventOptions): Promise<void>
  /** A piece of a file in a task's sandbox; undefined when there is none (any more). */
  readSandboxFile(task: Pick<Task, 'id' | 'host'>, path: string, piece: Piece): Promise<Buffer | undefined>
  /** Ends kept connections. */
  close(): void
}

/** A client of one Marathon. Connects to nothing before the first call. */
export function createMarathonClient(options: MarathonOptions): Marathon {
  const transport = new Transport({ ...options, timeoutMs: options.timeoutMs ?? defaultTimeoutMs })
  let known: MarathonInfo | undefined

  const call = async <T>(ask: Ask): Promise<T> => readAnswer<T>(transport, await transport.ask(ask))
  const get = <T>(path: string) => call<T>({ method: 'GET', path })
  const info = () => get<MarathonInfo>('/v2/info')
  const force = (given: { force?: boolean } = {}) => (given.force ? '?force=true' : '')

  async function createApp(app: AppDefinition): Promise<'created' | 'exists'> {
    const answer = await transport.ask({ method: 'POST', path: '/v2/apps', body: app })
    if (isTaken(answer)) return 'exists'
    readAnswer(transport, answer)
    return 'created'
  }

  async function deleteApp(id: string): Promise<'deleted' | 'missing'> {
    const answer = await transport.ask({ method: 'DELETE', path: `/v2/apps${pathOf(id)}?force=true` })
    if (answer.status === 404) return 'missing'
    if (answer.status >= 300) throw toError(transport, answer)
    return 'deleted'
  }

  async function findApp(id: string): Promise<AppInfo | undefined> {
    const { app } = (await orMissing(get<{ app: AppInfo }>(`/v2/apps${pathOf(id)}?${embeds}`))) ?? {}
    return app
  }

  async function ping(): Promise<void> {
    const answer = await transport.ask({ method: 'GET', path: '/ping' })
    if (answer.status >= 300) throw toError(transport, answer)
  }

  return {
    createApp,
    findApp,
    deleteApp,
    ping,
    info,
    listApps: async (selector) =>
      (await get<{ apps: AppInfo[] }>(`/v2/apps?label=${encodeURIComponent(selector)}&${embeds}`)).apps,
    // The full definition: a partial one cannot take a field away.
    putApp: (id, app, given) =>
      call({
        method: 'PUT',
        path: `/v2/apps${pathOf(id)}?partialUpdate=false&force=${given?.force ?? false}`,
        body: app,
      }),
    scaleApp: (id, instances, given) =>
      call({ method: 'PUT', path: `/v2/apps${pathOf(id)}${force(given)}`, body: { instances } }),
    restartApp: (id, given) => call({ method: 'POST', path: `/v2/apps${pathOf(id)}/restart${force(given)}`, body: {} }),
    listTasks: async (appId) =>
      (await orMissing(get<{ tasks: Task[] }>(`/v2/apps${pathOf(appId)}/tasks`)))?.tasks ?? [],
    listDeployments: () => get('/v2/deployments'),
    listQueue: async () => (await get<{ queue: QueueItem[] }>('/v2/queue')).queue,
    events: (given) => followEvents(transport, given),
    async readSandboxFile(task, path, piece) {
      known ??= await info()
      return readSandboxFile(transport, known, task, path, piece)
    },
    close: () => transport.close(),
  }
}

const embeds = 'embed=apps.tasks&embed=apps.counts&embed=apps.lastTaskFailure&embed=apps.deployments'

/** Ids hold only letters, digits, dashes, dots and slashes; anything else must not become part of another path. */
function pathOf(id: string): string {
  const segments = id.split('/').filter((segment) => segment !== '')
  const isPlain = segments.length > 0 && segments.every((segment) => segment !== '.' && segment !== '..')
  if (!isPlain) throw errors.MARATHON_REFUSED({ status: 422, reason: `${JSON.stringify(id)} is no id of an app` })
  return `/${segments.map(encodeURIComponent).join('/')}`
}

async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isBatonError(error, 'MARATHON_MISSING')) return undefined
    throw error
  }
}
