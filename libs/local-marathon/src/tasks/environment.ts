import { delimiter, dirname } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import type { Machine } from '../machine.ts'
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
  /** Whether the group at the top wants its own role for all its apps. */
  readonly enforcesRole: boolean
  readonly account: Account
}

/** Of an app's tasks on this machine, but for their account. */
export function placeOf({ settings, groups }: Machine, { id }: AppDefinition): Omit<Place, 'account'> {
  const { taskHost: host, frameworkId, agentId, port: agentPort } = settings
  const enforcesRole = groups.get(`/${id.split('/')[1]}`)?.enforceRole ?? false
  return { host, frameworkId, agentId, agentPort, enforcesRole }
}

/**
 * Exactly what a task sees: a minimal account environment, what Marathon and Mesos set, and the app's own `env`, which
 * wins. Nothing of this server's environment leaks in.
 */
export function taskEnvironment(app: AppDefinition, version: string, task: Task, place: Place): Record<string, string> {
  return {
    ...accountVariables(place.account),
    ...mesosVariables(app, task, place),
    ...marathonVariables(app, version, place),
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

function mesosVariables({ role }: AppDefinition, task: Task, place: Place): Record<string, string> {
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
    MESOS_ALLOCATION_ROLE: role,
    LIBPROCESS_IP: place.host,
    LIBPROCESS_PORT: '0',
  }
}

function marathonVariables(app: AppDefinition, version: string, { enforcesRole }: Place): Record<string, string> {
  return {
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: version,
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
    MARATHON_APP_ENFORCE_GROUP_ROLE: enforcesRole ? 'TRUE' : 'FALSE',
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
