/** An app definition with every default filled in: what `GET /v2/apps/{id}` shows. Optional fields are absent, never null. */
export interface AppDefinition {
  id: string
  cmd?: string
  args?: string[]
  user?: string
  env?: Record<string, string>
  instances: number
  cpus: number
  mem: number
  disk: number
  gpus: number
  executor: string
  constraints?: string[][]
  fetch?: Artifact[]
  portDefinitions?: PortDefinition[]
  requirePorts: boolean
  backoffSeconds: number
  backoffFactor: number
  maxLaunchDelaySeconds: number
  container?: Record<string, unknown>
  healthChecks?: HealthCheck[]
  readinessChecks?: ReadinessCheck[]
  check?: AppCheck
  dependencies?: string[]
  upgradeStrategy: UpgradeStrategy
  labels: Record<string, string>
  acceptedResourceRoles?: string[]
  networks: { mode: string; name?: string; labels?: Record<string, string> }[]
  killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  unreachableStrategy: 'disabled' | { inactiveAfterSeconds: number; expungeAfterSeconds: number }
  taskKillGracePeriodSeconds?: number
  tty?: boolean
  role: string
  executorResources?: Record<string, number>
  resourceLimits?: Record<string, unknown>
}

export interface Artifact {
  uri: string
  extract: boolean
  executable: boolean
  cache: boolean
  destPath?: string
}

export interface PortDefinition {
  port: number
  protocol: string
  name?: string
  labels?: Record<string, string>
}

export interface HealthCheck {
  protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_HTTP' | 'MESOS_HTTPS' | 'MESOS_TCP'
  /** What COMMAND runs beside the task. */
  command?: { value: string }
  path?: string
  port?: number
  portIndex?: number
  gracePeriodSeconds: number
  intervalSeconds: number
  timeoutSeconds: number
  maxConsecutiveFailures: number
  delaySeconds: number
  ipProtocol: string
  ignoreHttp1xx?: boolean
}

/** What an executor looks at from time to time, for others to judge: one of the three. */
export interface AppCheck {
  http?: { port?: number; portIndex?: number; path?: string; scheme: 'HTTP' | 'HTTPS' }
  tcp?: { port?: number; portIndex?: number }
  exec?: { command: { shell?: string; argv?: string[] } }
  intervalSeconds: number
  timeoutSeconds: number
  delaySeconds: number
}

export interface ReadinessCheck {
  name: string
  protocol: 'HTTP' | 'HTTPS'
  path: string
  portName: string
  intervalSeconds: number
  timeoutSeconds: number
  httpStatusCodesForReady: number[]
  preserveLastResponse: boolean
}

export interface UpgradeStrategy {
  minimumHealthCapacity: number
  maximumOverCapacity: number
}

/** One accepted state of an app. Scaling makes a new version but keeps `lastConfigChangeAt`. */
export interface AppVersion {
  readonly definition: AppDefinition
  readonly version: string
  readonly lastScalingAt: string
  readonly lastConfigChangeAt: string
}

/** An app as it is kept: its present version and the older ones, newest first. */
export interface App {
  readonly current: AppVersion
  readonly older: readonly AppVersion[]
  readonly lastTaskFailure?: TaskFailure
}

export interface TaskFailure {
  readonly appId: string
  readonly host: string
  readonly message: string
  readonly state: string
  readonly taskId: string
  readonly timestamp: string
  readonly version: string
  readonly slaveId: string
}

/** Versions kept for each app. Marathon: --zk_max_versions. */
export const versionsMax = 50
