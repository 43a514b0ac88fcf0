import { BatonError } from '@baton/model'
import type { RunOnceStatus } from '@baton/run-once'
import { expect, test } from 'vitest'
import { marathonDetail, readRunOnce } from './details.ts'

const worker = { active: 1, done: 2, released: 0, away: null }
const status: RunOnceStatus = {
  lane: 'build',
  listening: true,
  place: worker,
  remove: worker,
  reconcile: { ...worker, lastAt: null, deleted: 0, ended: 0 },
}

test('what is placed and removed can be read at a glance', () => {
  expect(readRunOnce(status)).toMatchObject({ status: 'ok', message: 'placing 1, removing 1; placed 2, removed 2' })
})

test('a controller that hands out nothing is a warning', () => {
  const away = { ...status, place: { ...worker, away: 'it gave no answer' } }
  expect(readRunOnce(away)).toMatchObject({ status: 'warning', message: 'no work can be taken: it gave no answer' })
})

test('a Marathon that answers but tells nothing is a warning, one that does not answer too', async () => {
  const read = (listening: boolean, ping: () => Promise<void>) =>
    marathonDetail({ ping }, 'http://m', { status: () => ({ ...status, listening }) }).read()
  expect(await read(true, async () => {})).toEqual({ status: 'ok', message: 'http://m answers' })
  expect(await read(false, async () => {})).toMatchObject({ status: 'warning' })
  const away = async () => {
    throw new BatonError('MARATHON_UNREACHABLE', 'unavailable', 'no answer')
  }
  expect(await read(true, away)).toEqual({ status: 'warning', message: 'no answer' })
})
