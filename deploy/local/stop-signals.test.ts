import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { leaveSignal, listenForStop } from './stop-signals.ts'

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))])
}

describe('a supervisor that is asked to end', () => {
  test('drains first, and hurries when asked again', async () => {
    const target = new EventEmitter()
    let nowMs = 0
    const stop = listenForStop(target, () => nowMs)

    target.emit('SIGINT')
    expect(await stop.first).toBe('drain')
    nowMs = 5_000
    expect(await isDone(stop.second)).toBe(false)
    target.emit('SIGINT')
    await stop.second
  })

  test('hears one Ctrl-C once, though npm passes it on', async () => {
    const target = new EventEmitter()
    let nowMs = 0
    const stop = listenForStop(target, () => nowMs)

    target.emit('SIGINT')
    nowMs = 20
    target.emit('SIGINT')

    expect(await isDone(stop.second)).toBe(false)
  })

  test('lets go at once for "baton down"', async () => {
    const target = new EventEmitter()
    const stop = listenForStop(target)

    target.emit(leaveSignal)

    expect(await stop.first).toBe('leave')
    await stop.second
  })

  test('takes its ears off again', () => {
    const target = new EventEmitter()
    listenForStop(target).close()

    expect(target.eventNames()).toEqual([])
  })
})
