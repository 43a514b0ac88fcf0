import { expect, test } from 'vitest'
import { checkApp } from './check-app.ts'
import type { GivenApp } from './defaults.ts'

const words = (app: object) =>
  checkApp({ id: '/ci/a', cmd: 'ls', ...app } as GivenApp).map(({ path, errors }) => `${path} ${errors.join()}`)

/** Marathon's words: people search for them. */
const refused: [app: object, words: string][] = [
  [{ cmd: undefined }, "/ AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
  [{ args: ['x'] }, "/ AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
  [{ cmd: 'x' }, '/ must not be an empty string'],
  [{ uris: ['a'], fetch: [{ uri: 'b' }] }, '/uris may not be set in conjunction with fetch'],
  [{ ports: [1], portDefinitions: [{ port: 2 }] }, '/ cannot specify both ports and port definitions'],
  [{ ports: [7, 7] }, '/ ports must be unique'],
  [{ portDefinitions: [{ name: 'a' }, { name: 'a' }] }, '/portDefinitions Port names must be unique.'],
  [{ portDefinitions: [{ port: 7 }, { port: 7 }] }, '/portDefinitions Ports must be unique.'],
  [{ networks: [{ mode: 'host', name: 'x' }] }, '/networks Host networks may not have names or labels'],
  [{ networks: [{ mode: 'container/bridge' }] }, '/networks this machine only has the host network'],
  [{ acceptedResourceRoles: [] }, '/acceptedResourceRoles must not be empty'],
  [{ gpus: 1 }, '/ Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)'],
  [{ secrets: { a: {} } }, '/secrets Feature secrets is not enabled. Enable with --enable_features secrets)'],
  [{ env: { A: { secret: 'a' } } }, '/env Feature secrets is not enabled. Enable with --enable_features secrets)'],
  [{ residency: {} }, '/ App must contain persistent volumes and define residency'],
  [
    { unreachableStrategy: { inactiveAfterSeconds: 2, expungeAfterSeconds: 1 } },
    '/unreachableStrategy inactiveAfterSeconds must be less or equal to expungeAfterSeconds',
  ],
  [{ role: 'other' }, '/role got other, expected one of: [*, ci]'],
  [
    { healthChecks: [{ portIndex: 1 }] },
    '/healthChecks(0) Health check port indices must address an element of the ports array or container port mappings.',
  ],
  [
    { portDefinitions: [], healthChecks: [{}] },
    '/healthChecks(0) Health check port indices must address an element of the ports array or container port mappings.',
  ],
  [{ check: {} }, '/check must define exactly one of http, tcp and exec'],
  [{ check: { http: {}, tcp: {} } }, '/check must define exactly one of http, tcp and exec'],
  [{ check: { exec: { command: {} } } }, '/check/exec/command must define either shell or argv'],
  [
    { portDefinitions: [], check: { tcp: {} } },
    '/check Health check port indices must address an element of the ports array or container port mappings.',
  ],
  [{ healthChecks: [{ protocol: 'COMMAND' }] }, '/healthChecks(0) COMMAND health checks need a command'],
  [
    { healthChecks: [{ protocol: 'MESOS_TCP' }, { protocol: 'MESOS_HTTP' }] },
    '/ AppDefinition can contain at most one Mesos health check',
  ],
  [
    { healthChecks: [{ ipProtocol: 'IPv6' }] },
    '/healthChecks(0) IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks',
  ],
  [
    { readinessChecks: [{ portName: 'x' }] },
    '/readinessChecks(0)/portName No port definition reference for portName x',
  ],
  [
    { readinessChecks: [{ portName: 'default', timeoutSeconds: 30, intervalSeconds: 30 }] },
    '/readinessChecks(0)/timeoutSeconds got 30, expected less than 30',
  ],
  [{ constraints: [['hostname']] }, '/constraints(0) Each constraint must have either 2 or 3 fields'],
  [{ constraints: [['hostname', 'UNIQUE', 'x']] }, '/constraints(0) Value specified but not used'],
  [{ constraints: [['hostname', 'CLUSTER']] }, '/constraints(0) Missing value'],
  [{ constraints: [['hostname', 'GROUP_BY', 'x']] }, '/constraints(0) Value was specified but is not a number'],
  [{ constraints: [['hostname', 'MAX_PER']] }, '/constraints(0) Value was not specified or is not a number'],
  [{ constraints: [['hostname', 'LIKE']] }, '/constraints(0) A regular expression value must be provided'],
  [{ constraints: [['hostname', 'LIKE', '(']] }, "/constraints(0) '(' is not a valid regular expression"],
  [{ container: {} }, '/container/docker not defined'],
  [{ container: { type: 'DOCKER', docker: {} } }, '/container/docker/image error.path.missing'],
  [{ container: { type: 'DOCKER', docker: { image: '--privileged' } } }, '/container/docker/image error.path.missing'],
  [{ container: { type: 'MESOS', appc: { image: 'x' } } }, '/container this machine runs no appc images'],
  [
    { container: { type: 'MESOS', portMappings: [{ containerPort: 1 }] } },
    '/ portMappings are not allowed with host-networking',
  ],
  [
    { container: { type: 'MESOS', volumes: [{ containerPath: 'x', mode: 'RW', persistent: { size: 1 } }] } },
    '/container/volumes(0)/persistent this machine reserves no volumes',
  ],
  [
    { container: { type: 'MESOS', volumes: [{ containerPath: 'x', mode: 'RW', external: {} }] } },
    '/container/volumes(0) Feature external_volumes is not enabled. Enable with --enable_features external_volumes)',
  ],
  [
    { container: { type: 'MESOS', volumes: [{ containerPath: '../x', hostPath: '/y', mode: 'RW' }] } },
    '/container/volumes(0)/containerPath without an image this must be a path in the sandbox',
  ],
]

test.each(refused)('%j is refused', (app, complaint) => {
  expect(words(app)).toContain(complaint)
})

test('one instance at a time needs a strategy that never runs two', () => {
  const labels = { MARATHON_SINGLE_INSTANCE_APP: 'true' }
  const strategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 }
  expect(words({ labels, upgradeStrategy: strategy })).toEqual([])
  expect(words({ labels, instances: 2, upgradeStrategy: strategy })).toEqual([
    '/ Single instance app may only have one instance',
  ])
  expect(words({ labels })).toEqual([
    '/upgradeStrategy/minimumHealthCapacity got 1.0, expected 0.0',
    '/upgradeStrategy/maximumOverCapacity got 1.0, expected 0.0',
  ])
})

const accepted: object[] = [
  { ports: [7, 0], portDefinitions: [{ port: 7 }, { port: 0 }] },
  { unreachableStrategy: 'disabled' },
  { unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 } },
  { role: 'ci', acceptedResourceRoles: ['*', 'ci'] },
  { healthChecks: [{ protocol: 'COMMAND', command: { value: 'true' } }] },
  { portDefinitions: [], healthChecks: [{ port: 80 }] },
  {
    constraints: [
      ['hostname', 'UNIQUE'],
      ['hostname', 'GROUP_BY'],
      ['rack', 'UNLIKE', 'r.*'],
      ['hostname', 'IS', 'a'],
    ],
  },
  { container: { type: 'MESOS', volumes: [{ containerPath: 'data', hostPath: '/srv', mode: 'RO' }] } },
  { cmd: undefined, args: ['ls'] },
]

test.each(accepted)('%j is accepted', (app) => {
  expect(words(app)).toEqual([])
})
