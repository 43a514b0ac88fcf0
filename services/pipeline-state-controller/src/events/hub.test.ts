import type { StateEvent } from '@baton/state-client'
import { expect, test } from 'vitest'
import { createHub } from './hub.ts'

const event = (id: number): StateEvent => ({ id, type: 'build', topics: ['overview'], data: {} })

test('everybody who listens hears everything, in order, until he stops', () => {
  const hub = createHub()
  const [first, second]: [number[], number[]] = [[], []]
  const stop = hub.listen((events) => void first.push(...events.map(({ id }) => id)))
  hub.publish([event(1), event(2)])
  hub.listen((events) => void second.push(...events.map(({ id }) => id)))
  expect(hub.listeners).toBe(2)
  hub.publish([event(3)])
  stop()
  stop()
  hub.publish([event(4)])
  expect([first, second]).toEqual([
    [1, 2, 3],
    [3, 4],
  ])
  expect(hub.listeners).toBe(1)
})

test('nobody listens: nothing happens', () => {
  createHub().publish([event(1)])
})

test('one who stops while he hears keeps nobody else from hearing, and a new one hears the next', () => {
  const hub = createHub()
  const heard: string[] = []
  const stop = hub.listen(() => {
    heard.push('first')
    stop()
    hub.listen(() => void heard.push('third'))
  })
  hub.listen(() => void heard.push('second'))
  hub.publish([event(1)])
  expect(heard).toEqual(['first', 'second'])
  hub.publish([event(2)])
  expect(heard).toEqual(['first', 'second', 'second', 'third'])
})
