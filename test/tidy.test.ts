import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { broken, kept } from './tidy/broken.ts'
import { checkoutOf, readCheckout } from './tidy/checkout.ts'
import * as habits from './tidy/habits.ts'
import * as imports from './tidy/imports.ts'
import * as places from './tidy/places.ts'
import type { Rule } from './tidy/rule.ts'
import * as shape from './tidy/shape.ts'

const rules: Readonly<Record<string, Rule>> = { ...imports, ...shape, ...habits, ...places }
const names = Object.keys(rules)

describe('this checkout is tidy', () => {
  const checkout = readCheckout(resolve(import.meta.dirname, '..'))

  test('all of it was read', () => {
    expect(checkout.sources.size).toBeGreaterThan(400)
    expect(checkout.workspaces.length).toBeGreaterThan(12)
  })

  test.each(names)('%s', (name) => {
    expect(rules[name]?.(checkout)).toEqual([])
  })
})

describe('a rule complains', () => {
  test.each(broken)('%s: %s', (name, complaint, files) => {
    expect(rules[name]?.(checkoutOf(files))).toContainEqual(expect.stringContaining(complaint))
  })

  test('each of them about something', () => {
    expect(names.filter((name) => !broken.some(([rule]) => rule === name))).toEqual([])
  })

  test.each(names)('%s, and not about what is right', (name) => {
    const complaints = rules[name]?.(checkoutOf(kept)) ?? []
    expect(complaints.filter((one) => !one.endsWith('needs no exception any more, strike it'))).toEqual([])
  })
})
