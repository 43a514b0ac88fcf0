import { expect, test } from 'vitest'
import type { HealthCheck } from '../apps/app.ts'
import { firstProbeMs, type Health, judge } from './health.ts'

const check: HealthCheck = {
  protocol: 'HTTP',
  portIndex: 0,
  gracePeriodSeconds: 10,
  intervalSeconds: 60,
  timeoutSeconds: 5,
  maxConsecutiveFailures: 2,
  delaySeconds: 15,
  ipProtocol: 'IPv4',
}
const start = new Date(0)
const at = (second: number) => new Date(second * 1_000)

function after(probes: readonly [second: number, cause?: string][], given: HealthCheck = check) {
  let health: Health | undefined
  const kills: number[] = []
  for (const [second, cause] of probes) {
    const verdict = judge(health, given, cause ? { at: at(second), cause } : { at: at(second) }, start, 'i')
    health = verdict.health
    if (verdict.kill) kills.push(second)
  }
  return { health, kills }
}

test('failures in the grace period before the first success do not count', () => {
  expect(
    after([
      [1, 'no'],
      [9, 'no'],
    ]).health?.consecutiveFailures,
  ).toBe(0)
  expect(after([[1], [2, 'no']]).health?.consecutiveFailures).toBe(1)
})

test('Marathon kills on one failure more than allowed, Mesos on the last allowed one, 0 never', () => {
  const failures: [number, string][] = [
    [11, 'no'],
    [12, 'no'],
    [13, 'no'],
  ]
  expect(after(failures).kills).toEqual([13])
  expect(after(failures, { ...check, protocol: 'MESOS_HTTP' }).kills).toEqual([12, 13])
  expect(after(failures, { ...check, maxConsecutiveFailures: 0 }).kills).toEqual([])
})

test('a success makes it alive and forgets failures', () => {
  const { health } = after([[11, 'no'], [12]])
  expect(health).toMatchObject({
    alive: true,
    consecutiveFailures: 0,
    firstSuccess: at(12).toISOString(),
    lastFailureCause: 'no',
  })
})

test('the first probe does not wait for a long interval', () => {
  expect(firstProbeMs(check)).toBe(5_000)
  expect(firstProbeMs({ ...check, intervalSeconds: 1 })).toBe(1_000)
  expect(firstProbeMs({ ...check, protocol: 'MESOS_TCP' })).toBe(15_000)
})
