import { expect, test } from 'vitest'
import { createNamer } from './name-data.ts'

const hint =
  'start one with "baton up" (npm start), or see npx baton repo add <url>; baton run and baton --help do not care'

test('commands that are told name the platform that was named, those that need one', () => {
  expect(createNamer('../two')(hint)).toBe(
    'start one with "baton --data ../two up" (npm start), or see npx baton --data ../two repo add <url>; baton run and baton --help do not care',
  )
})

test('its name is one word for the shell', () => {
  expect(createNamer("a b'$c")('baton status')).toBe("baton --data 'a b'\\''$c' status")
})

test('who named none is told none', () => {
  expect(createNamer(undefined)(hint)).toBe(hint)
})
