import { isAbsolute, join } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import { volumesOf } from '../apps/check-container.ts'
import { isRecord } from '../apps/shape.ts'
import type { Task } from '../tasks/instance.ts'
import type { Engine } from './engine.ts'

/** Where the sandbox appears inside; Mesos: --sandbox_directory. */
const sandboxInside = '/mnt/mesos/sandbox'
/** One CPU in the kernel's weights. */
const sharesPerCpu = 1_024
/** What the client itself needs, or an image knows better. */
const accountVariables = new Set(['PATH', 'HOME', 'USER', 'LANG'])

/** As Mesos names its containers, so that people find them. */
export const containerNameOf = (taskId: string) => `mesos-${taskId}`

/**
 * The client's call that runs a task in its image, and its environment. Values are handed over in the environment, not
 * on the command line, where everybody on this machine could read them; but for those that the client would take for its own.
 */
export function runContainer(engine: Engine, app: AppDefinition, task: Task, environment: Record<string, string>) {
  const docker = isRecord(app.container?.['docker']) ? app.container['docker'] : {}
  const image = String(docker['image'])
  const own = engine.environment
  const inside = insideEnvironment(app, task, image, environment)
  const given = Object.entries(inside).flatMap(([name, value]) => ['-e', name in own ? `${name}=${value}` : name])
  const volumes = volumesOf(app.container).flatMap((one) => ['-v', volume(one, task.sandbox)])
  const argv = [
    engine.client,
    'run',
    '--rm',
    '--name',
    containerNameOf(task.id),
    '--network',
    'host',
    '--memory',
    `${Math.ceil(app.mem)}m`,
    '--cpu-shares',
    String(Math.max(2, Math.round(app.cpus * sharesPerCpu))),
    ...given,
    '-v',
    `${task.sandbox}:${sandboxInside}`,
    ...volumes,
    ...(docker['privileged'] === true ? ['--privileged'] : []),
    ...(docker['forcePullImage'] === true ? ['--pull', 'always'] : []),
    ...parameters(docker['parameters']),
    // Args win, as without an image; with neither the image's own command runs.
    ...(app.cmd !== undefined && !app.args ? ['--entrypoint', '/bin/sh', image, '-c', app.cmd] : [image]),
    ...(app.args ?? []),
  ]
  return { argv, environment: { ...inside, ...own, MESOS_TASK_ID: task.id } }
}

function insideEnvironment(app: AppDefinition, task: Task, image: string, environment: Record<string, string>) {
  const wanted = Object.entries(environment).filter(([name]) => !accountVariables.has(name))
  return {
    ...Object.fromEntries(wanted),
    MESOS_SANDBOX: sandboxInside,
    MESOS_CONTAINER_NAME: containerNameOf(task.id),
    MARATHON_APP_DOCKER_IMAGE: image,
    ...app.env,
    MESOS_TASK_ID: task.id,
  }
}

/** A host path that is relative lies in the sandbox. */
function volume(given: Readonly<Record<string, unknown>>, sandbox: string): string {
  const hostPath = String(given['hostPath'])
  const host = isAbsolute(hostPath) ? hostPath : join(sandbox, hostPath)
  return `${host}:${given['containerPath']}:${String(given['mode']).toLowerCase()}`
}

/** Options of `docker run` that Marathon hands on unread: its checks are the engine's. */
function parameters(given: unknown): string[] {
  if (!Array.isArray(given)) return []
  return given.filter(isRecord).map(({ key, value }) => `--${key}=${value}`)
}
