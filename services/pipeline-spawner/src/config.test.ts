import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const good = {
  INSTALLATION: 'abc123',
  STATE_URL: 'http://127.0.0.1:8081',
  SERVICE_TOKEN: 'a-service-token',
  MARATHON_URL: 'http://127.0.0.1:8080',
}

test('four settings are needed, the rest has a meaning of its own', () => {
  const config = readConfig(good)
  expect(config).toMatchObject({ allowLocalGit: false, openReads: false, taskStateUrl: undefined, killGraceS: 30 })
})

test('all that is wrong is said at once', () => {
  const wrong = () => readConfig({ STATE_URL: 'ftp://x', KILL_GRACE_S: '0' })
  for (const name of ['INSTALLATION', 'STATE_URL', 'SERVICE_TOKEN', 'MARATHON_URL', 'KILL_GRACE_S']) {
    expect(wrong).toThrow(name)
  }
})

test('settings that do not go together are told', () => {
  expect(() => readConfig({ ...good, INSTALLATION: 'Not six' })).toThrow(/six letters/)
  expect(() => readConfig({ ...good, MARATHON_USER: 'marathon' })).toThrow(/both or not at all/)
})

test('what is shown holds no secret', () => {
  const config = readConfig({ ...good, MARATHON_USER: 'marathon', MARATHON_PASSWORD: 'hush' })
  const shown = JSON.stringify(readConfig.shown(config))
  expect(shown).not.toMatch(/hush|a-service-token/)
  expect(shown).toMatch(/\*\*\*/)
})
