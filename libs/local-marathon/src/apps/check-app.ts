import type { Complaint } from '../http/refusal.ts'
import { checkCheck, checkHealthChecks, checkReadiness } from './check-checks.ts'
import { checkConstraints } from './check-constraints.ts'
import { checkContainer, hasImage } from './check-container.ts'
import type { GivenApp } from './defaults.ts'
import { checkRules, has, notEnabled, type Rule, repeats } from './rule.ts'

const whole = '/'
const isHost = (app: GivenApp) => app.networks?.every((network) => network.mode === 'host') ?? true

/** What the types cannot say: Marathon's AppValidation, in its words, and what one machine cannot do, in ours. */
const rules: readonly Rule[] = [
  { path: whole, broken: (app) => app.cmd?.length === 1 && 'must not be an empty string' },
  {
    path: whole,
    broken: (app) =>
      !isRunnable(app) && "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
  },
  { path: '/uris', broken: (app) => has(app.uris) && has(app.fetch) && 'may not be set in conjunction with fetch' },
  {
    path: whole,
    broken: (app) =>
      has(app.ports) &&
      has(app.portDefinitions) &&
      app.ports?.join() !== portsOf(app).join() &&
      'cannot specify both ports and port definitions',
  },
  { path: whole, broken: (app) => repeats((app.ports ?? []).filter(Boolean)) && 'ports must be unique' },
  { path: '/portDefinitions', broken: (app) => repeats(portNames(app)) && 'Port names must be unique.' },
  { path: '/portDefinitions', broken: (app) => repeats(portsOf(app).filter(Boolean)) && 'Ports must be unique.' },
  {
    path: whole,
    broken: (app) =>
      !isHost(app) && has(app.portDefinitions) && 'portDefinitions are only allowed with host-networking',
  },
  {
    path: '/networks',
    broken: (app) =>
      app.networks?.some((one) => one.mode === 'host' && (one.name || Object.keys(one.labels ?? {}).length > 0)) &&
      'Host networks may not have names or labels',
  },
  {
    path: '/networks',
    broken: (app) =>
      (app.networks?.length ?? 0) > 1 &&
      app.networks?.some((one) => one.mode !== 'container') &&
      'May specify a single host network, single bridge network, or else 1-to-n container networks',
  },
  { path: '/networks', broken: (app) => !isHost(app) && 'this machine only has the host network' },
  {
    path: whole,
    broken: (app) => app.ipAddress !== undefined && has(app.networks) && 'must not specify both networks and ipAddress',
  },
  { path: '/ipAddress', broken: (app) => app.ipAddress !== undefined && 'this machine only has the host network' },
  { path: '/acceptedResourceRoles', broken: (app) => app.acceptedResourceRoles?.length === 0 && 'must not be empty' },
  { path: whole, broken: (app) => (app.gpus ?? 0) > 0 && notEnabled('gpu_resources') },
  { path: '/secrets', broken: (app) => Object.keys(app.secrets ?? {}).length > 0 && notEnabled('secrets') },
  {
    path: '/env',
    broken: (app) => Object.values(app.env ?? {}).some((value) => typeof value !== 'string') && notEnabled('secrets'),
  },
  {
    path: whole,
    broken: (app) => app.residency !== undefined && 'App must contain persistent volumes and define residency',
  },
  {
    path: whole,
    broken: (app) => isSingle(app) && (app.instances ?? 1) > 1 && 'Single instance app may only have one instance',
  },
  { path: '/upgradeStrategy/minimumHealthCapacity', broken: (app) => aboveZero(app, 'minimumHealthCapacity') },
  { path: '/upgradeStrategy/maximumOverCapacity', broken: (app) => aboveZero(app, 'maximumOverCapacity') },
  { path: '/unreachableStrategy', broken: unreachable },
  { path: '/role', broken: role },
]

/** cmd or args, not both; a container with an image may do without. */
function isRunnable(app: GivenApp): boolean {
  const hasCmd = app.cmd !== undefined
  const hasArgs = has(app.args)
  return hasCmd !== hasArgs || (!(hasCmd && hasArgs) && hasImage(app.container))
}

const isSingle = (app: GivenApp) => app.labels?.['MARATHON_SINGLE_INSTANCE_APP'] === 'true'

/** Not given means Marathon's default, which is 1. */
function aboveZero(app: GivenApp, name: 'minimumHealthCapacity' | 'maximumOverCapacity'): string | false {
  const value = app.upgradeStrategy?.[name] ?? 1
  return isSingle(app) && value !== 0 && `got ${Number.isInteger(value) ? `${value}.0` : value}, expected 0.0`
}

function unreachable({ unreachableStrategy: strategy }: GivenApp): string | false {
  if (strategy === undefined || strategy === 'disabled') return false
  const isRight = (strategy.inactiveAfterSeconds ?? 0) <= (strategy.expungeAfterSeconds ?? 0)
  return !isRight && 'inactiveAfterSeconds must be less or equal to expungeAfterSeconds'
}

/** An app's role is the default one or that of its top-level group. */
function role({ id = '', role }: GivenApp): string | false {
  const [, top = '', ...below] = id.split('/')
  const allowed = below.length > 0 ? ['*', top] : ['*']
  return role !== undefined && !allowed.includes(role) && `got ${role}, expected one of: [${allowed.join(', ')}]`
}

const portNames = (app: GivenApp) => (app.portDefinitions ?? []).flatMap((port) => port.name ?? [])
const portsOf = (app: GivenApp) => (app.portDefinitions ?? []).map((port) => port.port ?? 0)

/** Everything wrong with an app as given. Empty when it may be stored. */
export function checkApp(app: GivenApp): Complaint[] {
  return [
    ...checkRules(rules, app),
    ...checkHealthChecks(app),
    ...checkReadiness(app),
    ...checkCheck(app),
    ...checkConstraints(app),
    ...checkContainer(app),
  ]
}
