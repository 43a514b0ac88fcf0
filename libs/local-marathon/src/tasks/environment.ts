import { delimiter, dirname } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import type { Settings } from '../settings.ts'
import type { Account } from './account.ts'
import type { Task } from './instance.ts'

/** Labels longer than this do not become variables. Marathon's EnvironmentHelper. */
const labelNameMax = 492
const labelValueMax = 511

/** Where the task runs, for its variables. */
export interface Place {
  readonly host: string
  readonly frameworkId: string
  readonly agentId: string
  readonly agentPort: number
  readonly account: Account
}

/** Of tasks on this machine, but for their account. */
export function placeOf({ taskHost: host, frameworkId, agentId, port: agentPort }: Settings): Omit<Place, 'account'> {
  return { host, frameworkId, agentId, agentPort }
}

/**
 * Exactly what a task sees: a minimal account environment, what Marathon and Mesos set, and the app's own `env`, which
 * wins. Nothing of this server's environment leaks in.
 */
export function taskEnvironment(app: AppDefinition, version: string, task: Task, place: Place): Record<string, string> {
  return {
    ...accountVariables(place.account),
    ...mesosVariables(task, place),
    ...marathonVariables(app, version),
    ...labelVariables(app.labels),
    ...portVariables(app, task.hostPorts, place.host),
    ...app.env,
    // Not for the app to change: its processes are found by this one.
    MESOS_TASK_ID: task.id,
  }
}

function accountVariables(account: Account): Record<string, string> {
  const own = dirname(process.execPath)
  const paths = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter)
  return {
    // Tasks call `node`, so the one that runs this server is always to be found.
    PATH: (paths.includes(own) ? paths : [...paths, own]).join(delimiter),
    HOME: account.home,
    USER: account.name,
    LANG: process.env['LANG'] ?? 'C.UTF-8',
  }
}

function mesosVariables(task: Task, place: Place): Record<string, string> {
  const agent = `${place.host}:${place.agentPort}`
  return {
    MESOS_SANDBOX: task.sandbox,
    MESOS_DIRECTORY: task.sandbox,
    MESOS_FRAMEWORK_ID: place.frameworkId,
    MESOS_EXECUTOR_ID: task.id,
    MESOS_SLAVE_ID: place.agentId,
    MESOS_SLAVE_PID: `slave(1)@${agent}`,
    MESOS_AGENT_ENDPOINT: agent,
    MESOS_CHECKPOINT: '1',
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
    MESOS_RECOVERY_TIMEOUT: '15mins',
    MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
    MESOS_ALLOCATION_ROLE: '*',
    LIBPROCESS_IP: place.host,
    LIBPROCESS_PORT: '0',
  }
}

function marathonVariables(app: AppDefinition, version: string): Record<string, string> {
  return {
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: version,
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
  }
}

/** As Scala prints a Double: 1 is `1.0`. */
const decimal = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value))
const variableName = (name: string) => name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')

function labelVariables(labels: Readonly<Record<string, string>>): Record<string, string> {
  const fitting = Object.entries(labels).filter(
    ([name, value]) => name.length <= labelNameMax && value.length <= labelValueMax,
  )
  const variables = fitting.map(([name, value]) => [`MARATHON_APP_LABEL_${variableName(name)}`, value])
  return {
    MARATHON_APP_LABELS: fitting.map(([name]) => variableName(name)).join(' '),
    ...Object.fromEntries(variables),
  }
}

function portVariables(app: AppDefinition, hostPorts: readonly number[], host: string): Record<string, string> {
  const variables: Record<string, string> = { HOST: host }
  if (hostPorts.length === 0) return variables
  variables['PORT'] = String(hostPorts[0])
  variables['PORTS'] = hostPorts.join(',')
  for (const [index, hostPort] of hostPorts.entries()) {
    const declared = app.portDefinitions?.[index]
    variables[`PORT${index}`] = String(hostPort)
    if (declared?.port) variables[`PORT_${declared.port}`] = String(hostPort)
    if (declared?.name) variables[`PORT_${declared.name.toUpperCase()}`] = String(hostPort)
  }
  return variables
}
