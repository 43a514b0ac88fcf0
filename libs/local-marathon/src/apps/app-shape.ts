import type { Shape } from './shape.ts'

const text: Shape = { kind: 'string' }
const count: Shape = { kind: 'number', min: 0, integer: true }
const amount: Shape = { kind: 'number', min: 0 }
const port: Shape = { kind: 'number', min: 0, max: 65_535, integer: true }
const yesNo: Shape = { kind: 'boolean' }
const texts: Shape = { kind: 'map', of: text }
const share: Shape = { kind: 'number', min: 0, max: 1 }
const any: Shape = { kind: 'any' }
const list = (of: Shape): Shape => ({ kind: 'list', of })
const oneOf = (...names: string[]): Shape => ({ kind: 'string', oneOf: names })

const healthCheck: Shape = {
  kind: 'object',
  fields: {
    protocol: oneOf('HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS'),
    path: text,
    port,
    portIndex: port,
    command: { kind: 'object', fields: { value: text }, required: ['value'] },
    gracePeriodSeconds: count,
    intervalSeconds: count,
    timeoutSeconds: count,
    maxConsecutiveFailures: count,
    delaySeconds: count,
    ipProtocol: oneOf('IPv4', 'IPv6'),
    ignoreHttp1xx: yesNo,
  },
}

const readinessCheck: Shape = {
  kind: 'object',
  fields: {
    name: { kind: 'string', min: 1 },
    protocol: oneOf('HTTP', 'HTTPS'),
    path: text,
    portName: text,
    intervalSeconds: { kind: 'number', min: 1, integer: true },
    timeoutSeconds: { kind: 'number', min: 1, integer: true },
    httpStatusCodesForReady: list({ kind: 'number', min: 100, max: 999, integer: true }),
    preserveLastResponse: yesNo,
  },
}

const check: Shape = {
  kind: 'object',
  fields: {
    http: { kind: 'object', fields: { port, portIndex: port, path: text, scheme: oneOf('HTTP', 'HTTPS') } },
    tcp: { kind: 'object', fields: { port, portIndex: port } },
    exec: {
      kind: 'object',
      fields: { command: { kind: 'object', fields: { shell: { kind: 'string', min: 1 }, argv: list(text) } } },
      required: ['command'],
    },
    intervalSeconds: count,
    timeoutSeconds: count,
    delaySeconds: count,
  },
}

/** The fields of an app that may be given, by type. Marathon 1.11, `types/app.raml`. */
export const appFields: Record<string, Shape> = {
  id: text,
  cmd: { kind: 'string', min: 1 },
  args: list(text),
  user: text,
  env: {
    kind: 'map',
    of: { kind: 'either', of: [{ kind: 'object', fields: { secret: text }, required: ['secret'] }, text] },
  },
  instances: count,
  cpus: { kind: 'number', min: 0.001 },
  mem: amount,
  disk: amount,
  gpus: count,
  executor: text,
  constraints: list(list(text)),
  fetch: list({
    kind: 'object',
    fields: { uri: text, extract: yesNo, executable: yesNo, cache: yesNo, destPath: text },
    required: ['uri'],
  }),
  uris: list(text),
  ports: list(port),
  portDefinitions: list({
    kind: 'object',
    fields: { port, protocol: oneOf('tcp', 'udp', 'udp,tcp'), name: text, labels: texts },
  }),
  requirePorts: yesNo,
  backoffSeconds: count,
  backoffFactor: { kind: 'number', min: 1 },
  maxLaunchDelaySeconds: count,
  container: { kind: 'map', of: any },
  healthChecks: list(healthCheck),
  readinessChecks: list(readinessCheck),
  check,
  dependencies: list(text),
  upgradeStrategy: {
    kind: 'object',
    fields: { minimumHealthCapacity: share, maximumOverCapacity: share },
    required: ['minimumHealthCapacity', 'maximumOverCapacity'],
  },
  labels: texts,
  acceptedResourceRoles: list(text),
  networks: list({
    kind: 'object',
    fields: { mode: oneOf('container', 'container/bridge', 'host'), name: text, labels: texts },
    required: ['mode'],
  }),
  killSelection: oneOf('YOUNGEST_FIRST', 'OLDEST_FIRST'),
  unreachableStrategy: {
    kind: 'either',
    of: [oneOf('disabled'), { kind: 'object', fields: { inactiveAfterSeconds: count, expungeAfterSeconds: count } }],
  },
  taskKillGracePeriodSeconds: count,
  tty: yesNo,
  role: { kind: 'string', min: 1 },
  executorResources: { kind: 'map', of: amount },
  resourceLimits: { kind: 'map', of: any },
  secrets: { kind: 'map', of: any },
  residency: { kind: 'map', of: any },
  ipAddress: { kind: 'map', of: any },
  version: text,
}
