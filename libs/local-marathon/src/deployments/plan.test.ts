import { expect, test } from 'vitest'
import { dependencyGraph, depths } from '../groups/dependencies.ts'
import type { Group } from '../groups/group.ts'
import { type AppChange, planSteps } from './plan.ts'

const words = (changes: Record<string, AppChange>, depth: Record<string, number> = {}) =>
  planSteps(new Map(Object.entries(changes)), (id) => depth[id]).map((step) =>
    step.actions.map(({ action, app }) => `${action.replace('Application', '')} ${app}`).join(', '),
  )

test('stops come first, then starts, then everything by the depth of its dependencies', () => {
  expect(words({ '/web': 'new', '/old': 'removed', '/db': 'restart', '/cache': 'scale' }, { '/web': 2 })).toEqual([
    'Stop /old',
    'Start /web',
    'Scale /cache, Restart /db',
    'Scale /web',
  ])
})

test('steps without actions are left out', () => {
  expect(words({})).toEqual([])
  expect(words({ '/a': 'scale' })).toEqual(['Scale /a'])
})

const groups = (...all: Group[]) => new Map(all.map((group) => [group.id, group]))
const app = (id: string, ...dependencies: string[]) => ({ id, dependencies })

test('an app waits for apps, for groups, and for what the groups around it depend on', () => {
  const apps = [app('/a/web', '/b'), app('/a/x'), app('/b/db'), app('/c/deep/one', '/nothing')]
  const tree = groups(
    { id: '/a', dependencies: ['/c'] },
    { id: '/b', dependencies: [] },
    { id: '/c', dependencies: [] },
    { id: '/c/deep', dependencies: [] },
  )
  const graph = dependencyGraph(apps, tree)
  expect([...(graph.get('/a/web') ?? [])].sort()).toEqual(['/b/db', '/c/deep/one'])
  expect([...(graph.get('/a/x') ?? [])]).toEqual(['/c/deep/one'])
  expect([...(graph.get('/c/deep/one') ?? [])]).toEqual([])
})

test('depth is the longest way down', () => {
  const graph = dependencyGraph([app('/a', '/b', '/c'), app('/b', '/c'), app('/c'), app('/d')], groups())
  expect(depths(graph)).toEqual(
    new Map([
      ['/c', 1],
      ['/b', 2],
      ['/a', 3],
      ['/d', 1],
    ]),
  )
})

test('a circle has no order', () => {
  expect(depths(dependencyGraph([app('/a', '/b'), app('/b', '/a')], groups()))).toBeUndefined()
  expect(depths(dependencyGraph([app('/a', '/a')], groups()))).toBeUndefined()
})
