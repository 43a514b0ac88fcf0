import { expect, test } from 'vitest'
import { readAppId } from './app-id.ts'
import { changeOf, firstVersion, nextVersion } from './change.ts'
import { keepPortNumbers, readDefinition, readGivenApp, readUpdate } from './read-app.ts'
import { readSelector } from './selector.ts'

const complete = (given: object) => readDefinition(readGivenApp(given), '/a')
const details = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return (error as { body?: unknown }).body
  }
}

test('defaults are those of Marathon 1.11', () => {
  expect(complete({ cmd: 'ls', healthChecks: [{}], fetch: [{ uri: 'x' }], unknown: 1, user: null })).toEqual({
    id: '/a',
    cmd: 'ls',
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
    portDefinitions: [{ port: 0, protocol: 'tcp', name: 'default' }],
    fetch: [{ uri: 'x', extract: true, executable: false, cache: false }],
    healthChecks: [
      {
        protocol: 'HTTP',
        portIndex: 0,
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        timeoutSeconds: 20,
        maxConsecutiveFailures: 3,
        delaySeconds: 15,
        ipProtocol: 'IPv4',
      },
    ],
  })
})

test('sets have no repeats: checks, constraints, roles, dependencies', () => {
  const twice = complete({
    cmd: 'ls',
    healthChecks: [{ portIndex: 0 }, {}, { path: '/x' }],
    constraints: [
      ['hostname', 'UNIQUE'],
      ['hostname', 'UNIQUE'],
    ],
    acceptedResourceRoles: ['*', '*'],
    args: undefined,
  })
  expect(twice.healthChecks).toHaveLength(2)
  expect(twice.constraints).toEqual([['hostname', 'UNIQUE']])
  expect(twice.acceptedResourceRoles).toEqual(['*'])
})

test('no ports and ports by default are not the same', () => {
  expect(complete({ cmd: 'ls', portDefinitions: [] }).portDefinitions).toEqual([])
})

test('everything wrong is listed at once, each with its path', () => {
  expect(details(() => readGivenApp({ cpus: 'x', fetch: [{ uri: 1 }], labels: { a: 1 }, instances: -1 }))).toEqual({
    message: 'Invalid JSON',
    details: [
      { path: '/instances', errors: ['error.min'] },
      { path: '/cpus', errors: ['error.expected.jsnumber'] },
      { path: '/fetch(0)/uri', errors: ['error.expected.jsstring'] },
      { path: '/labels/a', errors: ['error.expected.jsstring'] },
    ],
  })
})

test('a body full of traps is read or refused, and changes no prototype', () => {
  const trap = JSON.parse('{"cmd":"ls","labels":{"__proto__":"x"},"env":{"constructor":"y"},"__proto__":{"cpus":9}}')
  expect(complete(trap).cpus).toBe(1)
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  for (const bad of [null, [], 7, 'x'])
    expect(details(() => readGivenApp(bad))).toMatchObject({ message: 'Invalid JSON' })
})

test('ids become absolute, and hopeless ones are refused quickly', () => {
  expect(readAppId('ci/a')).toBe('/ci/a')
  expect(readAppId('/ci/./x/../a/')).toBe('/ci/a')
  for (const bad of ['', '/', '..', 'A', 'a b', '-a', 'x/tasks', `${'a-'.repeat(50_000)}!`])
    expect(() => readAppId(bad)).toThrow()
})

test('a partial update keeps what it does not name, so it cannot put args in the place of cmd', () => {
  const app = firstVersion(complete({ cmd: 'ls', env: { A: '1', B: '2' }, cpus: 2 }), 'v1').current
  expect(readUpdate(app, { env: { C: '3' } })).toMatchObject({ cmd: 'ls', env: { C: '3' }, cpus: 2 })
  expect(details(() => readUpdate(app, { args: ['x'] }))).toMatchObject({ message: 'Object is not valid' })
})

test('a definition without ports, given again, keeps its service port', () => {
  const first = complete({ cmd: 'ls' })
  const app = firstVersion({ ...first, portDefinitions: [{ port: 10_007, protocol: 'tcp', name: 'default' }] }, 'v1')
  const again = keepPortNumbers(complete({ cmd: 'ls' }), app.current)
  expect(changeOf(app.current.definition, again)).toBe('none')
})

test('only the number of instances leaves tasks alone', () => {
  const before = complete({ cmd: 'ls' })
  expect(changeOf(before, { ...before, instances: 3 })).toBe('scale')
  expect(changeOf(before, { ...before, labels: { a: 'b' } })).toBe('restart')
  const app = nextVersion(firstVersion(before, 'v1'), { ...before, instances: 3 }, 'v2', 'scale')
  expect(app.current).toMatchObject({ version: 'v2', lastConfigChangeAt: 'v1', lastScalingAt: 'v2' })
  expect(app.older.map((one) => one.version)).toEqual(['v1'])
})

test('selectors', () => {
  const labels = { color: 'blue', 'a.b': 'x,y' }
  const cases: [string, boolean][] = [
    ['color', true],
    ['nothing', false],
    ['color==blue', true],
    ['color != red', true],
    ['nothing!=red', false],
    ['color in (red, blue)', true],
    ['color notin (red)', true],
    ['color notin (blue), color', false],
    ['a.b==x\\,y', false],
    ['constructor', false],
  ]
  for (const [selector, is] of cases)
    expect([selector, details(() => readSelector(selector)(labels)) === true]).toEqual([selector, is])
  expect(() => readSelector('color === blue')).toThrow(/could not be parsed/)
})
