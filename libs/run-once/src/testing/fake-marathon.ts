import { BatonError } from '@baton/model'
import type { AppDefinition, Marathon, SeenApp, SeenEvent } from '../marathon/marathon.ts'

export interface FakeApp {
  id: string
  labels: Record<string, string>
  tasks: { id: string; state: string }[]
}

/** For tests: Marathon's word and nothing behind it. Apps stay until deleted; their tasks die when told to. */
export function createFakeMarathon() {
  const apps = new Map<string, FakeApp>()
  const dying = new Map<string, FakeApp>()
  const listeners = new Set<{ onEvent(event: SeenEvent): void; onOpen(): void }>()
  const fake = {
    apps,
    dying,
    posts: [] as AppDefinition[],
    deletes: [] as string[],
    /** Thrown by the next calls, one each. `after`: once the call has had its effect. */
    troubles: [] as { error: Error; after?: boolean }[],
    /** By task id and path. */
    files: new Map<string, Buffer>(),
    filesAway: false,
    /** A deleted app's tasks go on dying until `die`. */
    slowDeath: false,
    put: (id: string, labels: Record<string, string>, tasks: FakeApp['tasks'] = []) =>
      apps.set(id, { id, labels, tasks }),
    tell: (event: SeenEvent) => {
      for (const listener of listeners) listener.onEvent(event)
    },
    reopen: () => {
      for (const listener of listeners) listener.onOpen()
    },
    endTask: (appId: string, state: string, message = '') => {
      const task = apps.get(appId)?.tasks[0]
      if (task === undefined) throw new Error(`no task of ${appId}`)
      task.state = state
      fake.tell({ eventType: 'status_update_event', appId, taskId: task.id, taskStatus: state, message })
    },
    die: (appId: string) => {
      dying.delete(appId)
      fake.tell({ eventType: 'app_terminated_event', appId })
    },
  }
  const effect = async <T>(act: () => T): Promise<T> => {
    const trouble = fake.troubles.shift()
    if (trouble !== undefined && !trouble.after) throw trouble.error
    const value = act()
    if (trouble !== undefined) throw trouble.error
    return value
  }
  const copy = (app: FakeApp): SeenApp => structuredClone(app)
  const marathon: Marathon = {
    createApp: (app) =>
      effect(() => {
        fake.posts.push(app)
        if (apps.has(app.id)) return 'exists'
        const taskId = `${app.id.slice(1).replaceAll('/', '_')}.instance-1._app.1`
        apps.set(app.id, { id: app.id, labels: { ...app.labels }, tasks: [{ id: taskId, state: 'TASK_RUNNING' }] })
        return 'created'
      }),
    findApp: async (id) => {
      const app = apps.get(id)
      return app && copy(app)
    },
    listApps: async (selector) => {
      const wanted = selector.split(',').map((part) => part.split('=='))
      const fits = (app: FakeApp) => wanted.every(([name = '', value]) => app.labels[name] === value)
      return [...apps.values()].filter(fits).map(copy)
    },
    deleteApp: (id) =>
      effect(() => {
        fake.deletes.push(id)
        const app = apps.get(id)
        if (app === undefined) return 'missing'
        apps.delete(id)
        if (fake.slowDeath) dying.set(id, app)
        else fake.tell({ eventType: 'app_terminated_event', appId: id })
        return 'deleted'
      }),
    listDeployments: async () => [...dying.keys()].map((id) => ({ affectedApps: [id] })),
    readSandboxFile: async (task, path, { offset, length }) => {
      if (fake.filesAway) throw unreachable()
      return fake.files.get(`${task.id}/${path}`)?.subarray(offset, offset + length)
    },
    events: ({ signal, onOpen, onEvent }) =>
      new Promise<void>((resolve) => {
        const listener = { onOpen, onEvent }
        listeners.add(listener)
        signal.addEventListener('abort', () => {
          listeners.delete(listener)
          resolve()
        })
        onOpen()
      }),
  }
  return Object.assign(fake, { marathon })
}

export const unreachable = () => new BatonError('MARATHON_UNREACHABLE', 'unavailable', 'Marathon gave no answer')
export const refused = (why: string) => new BatonError('MARATHON_REFUSED', 'invalid', why)
