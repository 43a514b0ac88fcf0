import type { Complaint } from '../http/refusal.ts'
import type { GivenApp } from './defaults.ts'

interface Rule {
  readonly path: string
  /** The message when the rule is broken; `undefined` when it holds. */
  readonly broken: (app: GivenApp) => string | false | undefined
}

const whole = '/'
const has = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0

/** What the types cannot say: Marathon's AppValidation, in its words, and what this server cannot do, in ours. */
const rules: readonly Rule[] = [
  { path: '/cmd', broken: (app) => app.cmd?.length === 1 && 'must not be an empty string' },
  {
    path: whole,
    broken: (app) =>
      app.cmd === undefined &&
      !has(app.args) &&
      app.container === undefined &&
      "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  },
  {
    path: whole,
    broken: (app) =>
      app.cmd !== undefined && has(app.args) && "AppDefinition must either contain one of 'cmd' or 'args', not both.",
  },
  { path: '/uris', broken: (app) => has(app.uris) && has(app.fetch) && 'may not be set in conjunction with fetch' },
  {
    path: whole,
    broken: (app) => has(app.ports) && has(app.portDefinitions) && 'cannot specify both ports and port definitions',
  },
  { path: '/portDefinitions', broken: (app) => repeats(portNames(app)) && 'Port names must be unique.' },
  { path: '/portDefinitions', broken: (app) => repeats(portNumbers(app)) && 'Ports must be unique.' },
  {
    path: '/portDefinitions',
    broken: (app) =>
      has(app.portDefinitions) &&
      app.networks?.some((network) => network.mode !== 'host') &&
      'must not be specified with a non-host network',
  },
  {
    path: '/readinessChecks',
    broken: (app) => (app.readinessChecks?.length ?? 0) > 1 && 'not more than one is allowed',
  },
  { path: '/acceptedResourceRoles', broken: (app) => app.acceptedResourceRoles?.length === 0 && 'must not be empty' },
  { path: '/gpus', broken: (app) => (app.gpus ?? 0) > 0 && 'must be zero: Feature gpu_resources is not enabled.' },
  {
    path: '/secrets',
    broken: (app) => Object.keys(app.secrets ?? {}).length > 0 && 'must be empty: Feature secrets is not enabled.',
  },
  {
    path: '/env',
    broken: (app) =>
      Object.values(app.env ?? {}).some((value) => typeof value !== 'string') &&
      'must be text: Feature secrets is not enabled.',
  },
  { path: whole, broken: singleInstance },
  { path: '/unreachableStrategy', broken: unreachable },
  {
    path: '/container',
    broken: (app) => app.container !== undefined && 'container images are not supported by the local Marathon',
  },
  {
    path: '/networks',
    broken: (app) =>
      app.networks?.some((network) => network.mode !== 'host') && 'the local Marathon only has the host network',
  },
]

function singleInstance(app: GivenApp): string | false {
  if (app.labels?.['MARATHON_SINGLE_INSTANCE_APP']?.toLowerCase() !== 'true') return false
  if ((app.instances ?? 1) > 1) return 'Single instance apps may only have one instance'
  const { minimumHealthCapacity, maximumOverCapacity } = app.upgradeStrategy ?? {}
  const isRight = minimumHealthCapacity === 0 && maximumOverCapacity === 0
  return !isRight && 'upgradeStrategy.minimumHealthCapacity and maximumOverCapacity must be 0 for single instance apps'
}

function unreachable(app: GivenApp): string | false {
  const strategy = app.unreachableStrategy
  if (strategy === undefined || strategy === 'disabled') return false
  const isRight = (strategy.inactiveAfterSeconds ?? 0) <= (strategy.expungeAfterSeconds ?? 0)
  return !isRight && 'inactiveAfterSeconds must be less or equal to expungeAfterSeconds'
}

const portNames = (app: GivenApp) => (app.portDefinitions ?? []).flatMap((port) => port.name ?? [])
const portNumbers = (app: GivenApp) => (app.portDefinitions ?? []).flatMap((port) => port.port || [])
const repeats = (values: readonly unknown[]) => new Set(values).size < values.length

/** Everything wrong with an app as given. Empty when it may be stored. */
export function checkApp(app: GivenApp): Complaint[] {
  const complaints = rules.flatMap(({ path, broken }) => {
    const message = broken(app)
    return message ? [{ path, errors: [message] }] : []
  })
  return [...complaints, ...checkHealthChecks(app), ...checkReadiness(app), ...checkConstraints(app)]
}

function checkHealthChecks(app: GivenApp): Complaint[] {
  const portCount = app.portDefinitions?.length ?? app.ports?.length ?? 1
  return (app.healthChecks ?? []).flatMap((check, index) => {
    const path = `/healthChecks(${index})`
    if (check.protocol === 'COMMAND') {
      return check.command ? [] : [{ path: `${path}/command`, errors: ['must be defined for a COMMAND health check'] }]
    }
    const portIndex = check.portIndex ?? (check.port === undefined ? 0 : undefined)
    if (portIndex === undefined || portIndex < portCount) return []
    return [
      {
        path,
        errors: [`Health check port indices must address an element of the ports array or container port mappings.`],
      },
    ]
  })
}

function checkReadiness(app: GivenApp): Complaint[] {
  return (app.readinessChecks ?? []).flatMap((check, index) => {
    const errors: string[] = []
    const portName = check.portName ?? 'http-api'
    const names = app.portDefinitions === undefined ? ['default'] : portNames(app)
    if (!names.includes(portName)) errors.push(`No port definition reference for portName ${portName}`)
    if ((check.timeoutSeconds ?? 10) >= (check.intervalSeconds ?? 30)) errors.push('Timeout must be less than interval')
    return errors.length > 0 ? [{ path: `/readinessChecks(${index})`, errors }] : []
  })
}

const constraintOperators = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS']

function checkConstraints(app: GivenApp): Complaint[] {
  return (app.constraints ?? []).flatMap((constraint, index) => {
    const path = `/constraints(${index})`
    if (constraint.length < 2 || constraint.length > 3)
      return [{ path, errors: ['Each constraint must have either 2 or 3 fields'] }]
    const isKnown = constraintOperators.includes((constraint[1] ?? '').toUpperCase())
    return isKnown
      ? []
      : [{ path, errors: [`Each constraint must have an operator of ${constraintOperators.join(', ')}`] }]
  })
}
