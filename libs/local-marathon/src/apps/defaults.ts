import { isDeepStrictEqual } from 'node:util'
import type { AppCheck, AppDefinition, Artifact, HealthCheck, PortDefinition, ReadinessCheck } from './app.ts'
import { isRecord } from './shape.ts'

export type GivenCheck = Omit<Partial<AppCheck>, 'http'> & { http?: Partial<NonNullable<AppCheck['http']>> }

/** An app as given, types already checked. */
export type GivenApp = Partial<
  Omit<AppDefinition, 'fetch' | 'portDefinitions' | 'healthChecks' | 'readinessChecks' | 'env' | 'check'>
> & {
  fetch?: (Partial<Artifact> & { uri: string })[]
  uris?: string[]
  ports?: number[]
  portDefinitions?: Partial<PortDefinition>[]
  healthChecks?: (Partial<Omit<HealthCheck, 'protocol'>> & { protocol?: string; command?: { value: string } })[]
  readinessChecks?: Partial<ReadinessCheck>[]
  env?: Record<string, unknown>
  check?: GivenCheck
  secrets?: Record<string, unknown>
  residency?: Record<string, unknown>
  ipAddress?: Record<string, unknown>
  version?: string
}

/** What Marathon 1.11 fills in on create. */
const appDefaults = {
  cpus: 1,
  mem: 128,
  disk: 0,
  gpus: 0,
  instances: 1,
  executor: '',
  backoffSeconds: 1,
  backoffFactor: 1.15,
  maxLaunchDelaySeconds: 300,
  requirePorts: false,
  killSelection: 'YOUNGEST_FIRST',
  labels: {},
  networks: [{ mode: 'host' }],
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  role: '*',
} as const

const artifactDefaults = { extract: true, executable: false, cache: false }
const healthDefaults = {
  protocol: 'HTTP',
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
  delaySeconds: 15,
  ipProtocol: 'IPv4',
}
const dockerDefaults = { forcePullImage: false, privileged: false, parameters: [] }
const checkDefaults = { intervalSeconds: 60, timeoutSeconds: 20, delaySeconds: 15 }
const readinessDefaults = {
  name: 'readinessCheck',
  protocol: 'HTTP',
  path: '/',
  portName: 'http-api',
  intervalSeconds: 30,
  timeoutSeconds: 10,
  httpStatusCodesForReady: [200],
  preserveLastResponse: false,
} as const

/** The definition with every default of Marathon 1.11. `id` is absolute; ports stay 0 until one is chosen. */
export function withDefaults(given: GivenApp, id: string): AppDefinition {
  const { uris, ports, version: _, fetch, portDefinitions, healthChecks, readinessChecks, ...plain } = given
  const artifacts = fetch ?? uris?.map((uri) => ({ uri }))
  const complete: Record<string, unknown> = {
    ...structuredClone(appDefaults),
    ...plain,
    id,
    fetch: artifacts?.map((artifact) => ({ ...artifactDefaults, ...artifact })),
    portDefinitions: (portDefinitions ?? ports?.map((port) => ({ port })) ?? [{ port: 0, name: 'default' }]).map(
      (one) => ({
        port: 0,
        protocol: 'tcp',
        ...one,
      }),
    ),
    healthChecks: healthChecks?.map(completeHealthCheck),
    ...(plain.check ? { check: completeCheck(plain.check) } : {}),
    // Marathon's answer always has both.
    ...(plain.container ? { container: completeContainer(plain.container) } : {}),
    readinessChecks: readinessChecks?.map((check) => ({ ...readinessDefaults, ...check })),
  }
  // Not by `delete`: that makes an object slow to copy and to write, and each list does both for every app.
  const present = Object.entries(complete)
    .filter(([name, value]) => !isEmpty(name, value))
    .map(([name, value]) => [name, sets.has(name) && Array.isArray(value) ? withoutRepeats(value) : value])
  return Object.fromEntries(present) as unknown as AppDefinition
}

/** What Marathon keeps as sets: who says something twice has said it once. */
const sets = new Set(['acceptedResourceRoles', 'constraints', 'dependencies', 'healthChecks'])

function withoutRepeats(values: readonly unknown[]): unknown[] {
  return values.filter((value, at) => at === values.findIndex((one) => isDeepStrictEqual(one, value)))
}

function completeContainer(given: Record<string, unknown>): Record<string, unknown> {
  const { docker } = given
  return {
    type: 'DOCKER',
    volumes: [],
    ...given,
    ...(isRecord(docker) ? { docker: { ...dockerDefaults, ...docker } } : {}),
  }
}

function completeCheck(given: GivenCheck): Record<string, unknown> {
  const { http } = given
  return { ...checkDefaults, ...given, ...(http ? { http: { scheme: 'HTTP', ...http } } : {}) }
}

function completeHealthCheck(given: NonNullable<GivenApp['healthChecks']>[number]): Record<string, unknown> {
  const hasPort = given.port !== undefined || given.portIndex !== undefined || given.protocol === 'COMMAND'
  return { ...healthDefaults, ...(hasPort ? {} : { portIndex: 0 }), ...given }
}

/** Marathon leaves empty optional collections out; these two it keeps, as empty and absent differ. */
function isEmpty(name: string, value: unknown): boolean {
  if (value === undefined) return true
  if (name === 'labels' || name === 'portDefinitions' || typeof value !== 'object' || value === null) return false
  return Object.keys(value).length === 0
}
