import { BatonError } from '@baton/model'
import type { StateClient } from '@baton/state-client'
import { beforeEach, expect, test } from 'vitest'
import { createAuthorize } from './authorize.ts'

let asked: string[]
let nowMs: number
let authorize: (header?: string) => Promise<void>

beforeEach(() => {
  asked = []
  nowMs = 0
  // Only the one call this rule makes; the client itself is tested over HTTP.
  const withToken = (token: string) => ({
    me: async () => {
      asked.push(token)
      if (token !== 'known') throw new BatonError('TOKEN_UNKNOWN', 'unauthorized', 'nobody has this token')
      return { name: 'a person', role: 'read' }
    },
  })
  const state = { withToken } as unknown as StateClient
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs }
  const check = createAuthorize({ serviceToken: 'service', state, clock })
  authorize = (authorization) => check({ headers: { authorization } })
})

test('the service token needs no question', async () => {
  await authorize('Bearer service')
  expect(asked).toEqual([])
})

test('any other is asked about, and remembered for a while', async () => {
  await authorize('Bearer known')
  await authorize('bearer known')
  expect(asked).toEqual(['known'])
  nowMs += 60_000
  await authorize('Bearer known')
  expect(asked).toHaveLength(2)
})

test('no token, and one that nobody has', async () => {
  for (const header of [undefined, '', 'Basic abc', 'Bearer ', 'Bearer a b']) {
    await expect(authorize(header)).rejects.toMatchObject({ code: 'TOKEN_MISSING' })
  }
  await expect(authorize('Bearer guessed')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
  await expect(authorize('Bearer guessed')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
  expect(asked).toHaveLength(2)
})
