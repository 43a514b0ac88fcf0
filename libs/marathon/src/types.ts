/** An app as the platform defines it. Absent fields get Marathon's defaults. */
export interface AppDefinition {
  id: string
  cmd?: string
  args?: string[]
  user?: string
  env?: Record<string, string>
  instances?: number
  cpus?: number
  mem?: number
  disk?: number
  fetch?: { uri: string; extract?: boolean; executable?: boolean; cache?: boolean; destPath?: string }[]
  portDefinitions?: { port?: number; protocol?: string; name?: string; labels?: Record<string, string> }[]
  requirePorts?: boolean
  backoffSeconds?: number
  backoffFactor?: number
  maxLaunchDelaySeconds?: number
  container?: Record<string, unknown>
  constraints?: string[][]
  healthChecks?: HealthCheck[]
  readinessChecks?: Record<string, unknown>[]
  upgradeStrategy?: { minimumHealthCapacity: number; maximumOverCapacity: number }
  unreachableStrategy?: 'disabled' | { inactiveAfterSeconds: number; expungeAfterSeconds: number }
  labels?: Record<string, string>
  networks?: { mode: string; name?: string }[]
  killSelection?: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  taskKillGracePeriodSeconds?: number
  acceptedResourceRoles?: string[]
  dependencies?: string[]
}

export interface HealthCheck {
  protocol?: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_HTTP' | 'MESOS_HTTPS' | 'MESOS_TCP'
  path?: string
  port?: number
  portIndex?: number
  gracePeriodSeconds?: number
  intervalSeconds?: number
  timeoutSeconds?: number
  maxConsecutiveFailures?: number
  delaySeconds?: number
  ipProtocol?: string
  ignoreHttp1xx?: boolean
  command?: { value: string }
}

/** The states of Mesos; one of a newer version may be none of these. */
export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_DROPPED'
  | 'TASK_GONE'
  | 'TASK_GONE_BY_OPERATOR'
  | 'TASK_UNREACHABLE'
  | 'TASK_UNKNOWN'

/** Where a task can be, and whether a process of it may still exist. UNREACHABLE and UNKNOWN: nobody can say. */
const states: Readonly<Record<TaskState, 'alive' | 'over' | 'unknown'>> = {
  TASK_STAGING: 'alive',
  TASK_STARTING: 'alive',
  TASK_RUNNING: 'alive',
  TASK_KILLING: 'alive',
  TASK_FINISHED: 'over',
  TASK_FAILED: 'over',
  TASK_KILLED: 'over',
  TASK_ERROR: 'over',
  TASK_LOST: 'over',
  TASK_DROPPED: 'over',
  TASK_GONE: 'over',
  TASK_GONE_BY_OPERATOR: 'over',
  TASK_UNREACHABLE: 'unknown',
  TASK_UNKNOWN: 'unknown',
}

/** Whether a task in this state has ended for good. An unheard-of state has not. */
export function isTaskOver(state: string): boolean {
  return states[state as TaskState] === 'over'
}

export interface Task {
  readonly id: string
  readonly appId: string
  readonly host: string
  readonly state: TaskState
  readonly ports: readonly number[]
  readonly slaveId?: string
  readonly stagedAt?: string
  readonly startedAt?: string
  readonly version?: string
  readonly healthCheckResults?: readonly { alive: boolean; consecutiveFailures: number; lastFailureCause?: string }[]
}

/** An app as Marathon shows it: the definition with defaults, counts, tasks and running deployments. */
export interface AppInfo extends AppDefinition {
  readonly instances: number
  readonly labels: Record<string, string>
  readonly version: string
  readonly versionInfo?: { lastScalingAt: string; lastConfigChangeAt: string }
  readonly tasksStaged: number
  readonly tasksRunning: number
  readonly tasksHealthy: number
  readonly tasksUnhealthy: number
  readonly deployments: readonly { id: string }[]
  readonly tasks: readonly Task[]
  readonly lastTaskFailure?: { taskId: string; state: string; message: string; timestamp: string }
}

export interface Deployment {
  readonly id: string
  readonly version: string
  readonly affectedApps: readonly string[]
  readonly currentStep: number
  readonly totalSteps: number
}

export interface DeploymentResult {
  readonly deploymentId: string
  readonly version: string
}

export interface QueueItem {
  readonly app: { id: string }
  readonly count: number
  /** `overdue`: may launch, but nothing fits; otherwise it is in backoff. */
  readonly delay: { timeLeftSeconds: number; overdue: boolean }
  readonly since?: string
  readonly processedOffersSummary?: {
    readonly rejectSummaryLastOffers?: readonly { reason: string; declined: number; processed: number }[]
  }
}

export interface MarathonInfo {
  readonly name: string
  readonly version: string
  readonly buildref: string
  readonly frameworkId?: string
  readonly leader?: string
}

/** One event of the stream. Which fields there are depends on `eventType`. */
export interface MarathonEvent {
  readonly eventType: string
  readonly timestamp: string
  readonly appId?: string
  readonly taskId?: string
  readonly taskStatus?: TaskState
  readonly message?: string
  readonly [field: string]: unknown
}
