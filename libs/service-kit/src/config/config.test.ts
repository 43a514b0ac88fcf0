import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBatonError } from '@baton/model'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { defineConfig, flag, integer, list, oneOf, secret, secrets, text, url } from './config.ts'

const readConfig = defineConfig(
  {
    port: integer('PORT0', { min: 0, max: 65_535, fallback: 8080 }),
    host: text('HOST_BIND', { fallback: '127.0.0.1' }),
    stateUrl: url('STATE_URL'),
    token: secret('SERVICE_TOKEN'),
    every: oneOf('EVERY', ['head', 'commit'], { fallback: 'head' }),
    openReads: flag('OPEN_READS', { fallback: false }),
    hooks: list('HOOKS', { fallback: [] }),
    graphiteUrl: url('GRAPHITE_URL', { optional: true, protocols: ['plaintext'] }),
    leaseMs: integer('LEASE_MS', { min: 1, max: 100, fallback: 30 }),
    renewMs: integer('RENEW_MS', { min: 1, max: 100, fallback: 10 }),
  },
  ({ leaseMs, renewMs }) => (renewMs < leaseMs ? [] : ['RENEW_MS: must be less than LEASE_MS']),
)
const enough = { STATE_URL: 'http://127.0.0.1:8081', SERVICE_TOKEN: 'very-secret' }

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kit-config-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(name: string, content: unknown): string {
  const path = join(directory, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** The lines of CONFIG_INVALID. */
function complaintsOf(env: Record<string, string>, ...args: string[]): string[] {
  try {
    readConfig(env, args)
  } catch (error) {
    assert.ok(isBatonError(error, 'CONFIG_INVALID'), String(error))
    return error.message.split('\n').slice(1)
  }
  return []
}

describe('settings', () => {
  test('come typed from the environment, absent ones from their fallback', () => {
    const config = readConfig({ ...enough, PORT0: ' 31000 ', OPEN_READS: 'yes', EVERY: 'commit', HOOKS: 'a, b,,c' })
    const port: number = config.port
    const every: 'head' | 'commit' = config.every
    const graphiteUrl: string | undefined = config.graphiteUrl
    assert.deepEqual([port, every, graphiteUrl], [31_000, 'commit', undefined])
    assert.deepEqual([config.openReads, config.hooks, config.host], [true, ['a', 'b', 'c'], '127.0.0.1'])
    assert.ok(Object.isFrozen(config))
  })

  test('an empty variable is an absent one', () => {
    assert.equal(readConfig({ ...enough, PORT0: '' }).port, 8080)
    assert.deepEqual(complaintsOf({ ...enough, STATE_URL: '' }), [
      '- STATE_URL: is required and not set (setting stateUrl)',
    ])
  })

  test('everything wrong is told at once', () => {
    const complaints = complaintsOf({ PORT0: '12abc', EVERY: 'day', OPEN_READS: 'perhaps', STATE_URL: '/api' })
    assert.deepEqual(complaints, [
      '- PORT0: must be a whole number from 0 to 65535, not "12abc" (setting port)',
      '- STATE_URL: must be a URL that starts with http: or https:, not "/api" (setting stateUrl)',
      '- SERVICE_TOKEN: is required and not set (setting token)',
      '- EVERY: must be one of head, commit, not "day" (setting every)',
      '- OPEN_READS: must be true or false, not "perhaps" (setting openReads)',
    ])
  })

  test.each(['-1', '65536', '1e3', '0x10', '1.5', 'NaN', '99999999999999999999'])('%s is no port', (PORT0) => {
    assert.equal(complaintsOf({ ...enough, PORT0 }).length, 1)
  })

  test('settings that do not go together are refused', () => {
    assert.deepEqual(complaintsOf({ ...enough, RENEW_MS: '30' }), ['- RENEW_MS: must be less than LEASE_MS'])
  })
})

describe('files', () => {
  test('each layer wins over the one before: fallback, file, local file, environment', () => {
    const CONFIG_FILE = write('service.json', { port: 1, host: 'file', every: 'commit' })
    write('service.local.json', { port: 2, host: 'local' })
    const { port, host, every, leaseMs } = readConfig({ ...enough, CONFIG_FILE, PORT0: '3' })
    assert.deepEqual([port, host, every, leaseMs], [3, 'local', 'commit', 30])
  })

  test('an unknown key names the nearest known one', () => {
    const CONFIG_FILE = write('service.json', { stateURL: 'http://x', openRead: true })
    const complaints = complaintsOf({ ...enough, CONFIG_FILE })
    assert.match(complaints[0] ?? '', /there is no setting "stateURL", did you mean "stateUrl"\?/)
    assert.match(complaints[1] ?? '', /did you mean "openReads"\?/)
  })

  test('a file that is missing, not JSON, no object or of wrong types is told, its secrets are not', () => {
    assert.match(complaintsOf({ ...enough, CONFIG_FILE: join(directory, 'none.json') })[0] ?? '', /ENOENT/)
    const broken = complaintsOf({ ...enough, CONFIG_FILE: write('broken.json', '{"token": "hush"') })
    assert.match(broken.join(), /is not JSON/)
    assert.doesNotMatch(broken.join(), /hush/)
    assert.match(complaintsOf({ ...enough, CONFIG_FILE: write('list.json', []) })[0] ?? '', /one JSON object/)
    const types = complaintsOf({
      ...enough,
      CONFIG_FILE: write('types.json', { port: '80', hooks: [1], host: { a: 1 } }),
    })
    assert.equal(types.length, 2)
    assert.match(types.join('\n'), /types\.json: setting host cannot be an object\n- HOOKS: must be a list/)
  })

  test('keys of the prototype are unknown settings like any other', () => {
    const CONFIG_FILE = write('proto.json', '{"__proto__": {"port": 1}, "constructor": {}}')
    assert.equal(complaintsOf({ ...enough, CONFIG_FILE }).length, 2)
  })
})

describe('the command line', () => {
  test('is the last layer; flags may stand alone, lists may be repeated', () => {
    const CONFIG_FILE = write('service.json', { port: 1, leaseMs: 40 })
    const args = ['--port', '4', '--open-reads', '--hooks=a', '--hooks', 'b,c', '--host', '007', '--renew-ms=5']
    const config = readConfig({ ...enough, CONFIG_FILE, PORT0: '3', OPEN_READS: 'no' }, args)
    assert.deepEqual([config.port, config.openReads, config.hooks], [4, true, ['a', 'b', 'c']])
    assert.deepEqual([config.host, config.leaseMs, config.renewMs], ['007', 40, 5])
    assert.equal(readConfig(enough, ['--open-reads', 'off']).openReads, false)
  })

  test('may name the file, and then wins over CONFIG_FILE', () => {
    const file = write('mine.json', { port: 7 })
    const CONFIG_FILE = write('theirs.json', { port: 8 })
    assert.equal(readConfig({ ...enough, CONFIG_FILE }, ['--config-file', file]).port, 7)
    assert.match(complaintsOf(enough, '--config-file', '/nowhere.json')[0] ?? '', /^- --config-file: .*ENOENT/)
  })

  test('everything wrong is told at once, beside what is wrong elsewhere', () => {
    const args = ['--leaseMs', '4', '--prot=5', '--every', 'day', '--port', '1', '--port', '2', 'hush', '--host']
    assert.deepEqual(complaintsOf({ ...enough, RENEW_MS: 'x' }, ...args), [
      '- --leaseMs: there is no such option, did you mean "--lease-ms"?',
      '- --prot: there is no such option, did you mean "--port"?',
      '- --port: is given twice',
      '- command line: settings are given as --setting-name value',
      '- --host: needs a value',
      '- --every: must be one of head, commit, not "day" (setting every)',
      '- RENEW_MS: must be a whole number from 1 to 100, not "x" (setting renewMs)',
    ])
  })

  test('takes no secret, and does not repeat it', () => {
    const complaints = complaintsOf(enough, '--token', 'hush')
    assert.match(complaints.join(), /^- --token: a secret is seen by everybody there, give it as SERVICE_TOKEN or/)
    assert.doesNotMatch(complaints.join(), /hush/)
  })
})

describe('secrets', () => {
  test('may be several, and then are as many stars', () => {
    const readMany = defineConfig({ keys: secrets('KEYS', { fallback: [] }) })
    const fromFile = readMany({ KEYS_FILE: write('keys', 'hush-1\nhush-2\n') })
    assert.deepEqual(fromFile.keys, ['hush-1', 'hush-2'])
    assert.deepEqual(readMany.shown(fromFile), { keys: ['***', '***'] })
    assert.deepEqual(readMany({ KEYS: 'a, b' }).keys, ['a', 'b'])
    assert.throws(
      () => readMany({ CONFIG_FILE: write('c.json', { keys: ['hush', 1] }) }),
      (error: Error) => {
        assert.match(error.message, /- KEYS: must be a list of texts \(setting keys\)/)
        return !error.message.includes('hush')
      },
    )
  })

  test('may stand in a file, without its last newline', () => {
    const SERVICE_TOKEN_FILE = write('token', 'from-file\n')
    assert.equal(readConfig({ STATE_URL: enough.STATE_URL, SERVICE_TOKEN_FILE }).token, 'from-file')
  })

  test('in both places, or in a missing file, are refused', () => {
    assert.match(complaintsOf({ ...enough, SERVICE_TOKEN_FILE: write('token', 'x') })[0] ?? '', /give one of them/)
    const missing = complaintsOf({ STATE_URL: enough.STATE_URL, SERVICE_TOKEN_FILE: join(directory, 'none') })
    assert.match(missing[0] ?? '', /^- SERVICE_TOKEN_FILE: cannot read .*ENOENT/)
  })

  test('are masked when shown, passwords in URLs and lists too', () => {
    const config = readConfig({
      ...enough,
      STATE_URL: 'http://me:hush@127.0.0.1/',
      HOOKS: 'https://ghp_hush@git/x?token=hush',
    })
    const shown = readConfig.shown(config)
    assert.equal(shown['token'], '***')
    assert.equal(shown['stateUrl'], 'http://me:***@127.0.0.1/')
    assert.deepEqual(shown['hooks'], ['https://***@git/x?token=***'])
    assert.equal(shown['port'], 8080)
    assert.doesNotMatch(JSON.stringify(shown), /hush|very-secret/)
  })

  test('are not repeated by complaints', () => {
    const complaints = complaintsOf({ SERVICE_TOKEN: 'very-secret', STATE_URL: 'ftp://me:hush@host/', PORT0: 'x' })
    assert.doesNotMatch(complaints.join(), /hush|very-secret/)
  })
})
