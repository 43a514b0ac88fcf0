import { expect, test } from 'vitest'
import { sh } from '../sh/sh.ts'
import { checkout, either, group, parallel, pipeline, step } from './build-tree.ts'
import { describe as describePipeline } from './describe.ts'
import type { Node, PipelineOptions } from './node.ts'

const a = step('a', sh`true`)
const b = step('b', sh`true`)

test('a pipeline is described without running: what it needs, and its tree', () => {
  const last = [step('report', sh`true`)]
  const made = pipeline(
    'todo',
    { cpus: 2, mem: 1024, timeout: '20m', attempts: 2, paths: ['src/**'], image: 'node:20', finally: last },
    [checkout(), parallel('verify', [a, group('lint', [b], { finally: [step('tidy', sh`true`)] })])],
  )
  expect(describePipeline(made)).toEqual({
    name: 'todo',
    cpus: 2,
    memMb: 1024,
    diskMb: 0,
    timeoutMs: 1_200_000,
    attemptsMax: 2,
    paths: ['src/**'],
    image: 'node:20',
    steps: [
      { id: '1', name: 'checkout', kind: 'checkout' },
      { id: '2', name: 'verify', kind: 'parallel' },
      { id: '2.1', name: 'a', kind: 'step' },
      { id: '2.2', name: 'lint', kind: 'group' },
      { id: '2.2.1', name: 'b', kind: 'step' },
      { id: '2.2.2', name: 'tidy', kind: 'finally' },
      { id: '3', name: 'report', kind: 'finally' },
    ],
  })
  expect(describePipeline(pipeline('x', [a]))).toMatchObject({
    cpus: 0.5,
    memMb: 512,
    timeoutMs: 3_600_000,
    attemptsMax: 1,
    paths: [],
  })
})

const bad: [string, () => unknown, string][] = [
  ['no steps', () => pipeline('x', []), 'it has no steps'],
  ['steps forgotten', () => pipeline('x', {} as PipelineOptions, undefined as unknown as Node[]), 'not a list'],
  ['an empty name', () => pipeline('', [a]), '"" is not a name'],
  ['a name with a line end', () => pipeline('x', [step('a\nb', sh`true`)]), 'is not a name'],
  ['two of one name', () => pipeline('x', [a, step('a', sh`false`)]), 'two steps are called "a"'],
  [
    'two of one name, with finally',
    () => pipeline('x', { finally: [step('a', sh`true`)] }, [a]),
    'two steps are called "a"',
  ],
  ['one step twice', () => pipeline('x', [a, group('g', [a])]), 'stands in the tree twice'],
  ['a pipeline as a step', () => pipeline('x', [pipeline('y', [a]) as unknown as Node]), 'a pipeline stands where'],
  ['a command as a step', () => pipeline('x', [sh`true` as unknown as Node]), 'a sh stands where'],
  ['no body', () => pipeline('x', [step('a', undefined as never)]), 'it needs a function or sh'],
  ['an empty group', () => pipeline('x', [parallel('p', [])]), 'it has no steps'],
  ['a bad duration', () => pipeline('x', { timeout: '20 minutes' as never }, [a]), 'option timeout needs a duration'],
  ['a duration of nothing', () => pipeline('x', [step('a', sh`true`, { timeout: '0s' })]), 'option timeout needs'],
  ['an unknown option', () => pipeline('x', { cpu: 1 } as PipelineOptions, [a]), 'there is no option "cpu"'],
  ['a bad retry', () => pipeline('x', [step('a', sh`true`, { retry: -1 })]), 'option retry needs'],
  ['bad memory', () => pipeline('x', { memMb: 1 }, [a]), 'option memMb needs'],
  ['a bad variable', () => pipeline('x', { env: { 'A B': '1' } }, [a]), 'option env needs'],
  [
    'a group in finally',
    () => pipeline('x', { finally: [group('g', [b]) as never] }, [a]),
    'finally holds plain steps only',
  ],
  ['nested without end', () => pipeline('x', [nested(20)]), 'nested deeper'],
]
const nested = (depth: number): Node => (depth === 0 ? step('leaf', sh`true`) : either('e', [nested(depth - 1)]))

test.each(bad)('refused when it is assembled: %s', (_what, make, says) => {
  expect(make).toThrow(expect.objectContaining({ code: 'PIPELINE_INVALID', message: expect.stringContaining(says) }))
})

test('what types can say does not compile', () => {
  const version = step('version', () => 'v1')
  const nothing = step('nothing', sh`true`)
  const typed = [
    step('use', ({ use }) => use(version).toUpperCase()),
    // @ts-expect-error a string has no such method
    step('wrong', ({ use }) => use(version).toFixed()),
    // @ts-expect-error a command as a step has no value
    step('none', ({ use }) => use(nothing).length),
    // @ts-expect-error an object is no shell word
    step('word', ({ sh }) => sh`echo ${{ a: 1 }}`),
    // @ts-expect-error not a duration
    step('time', sh`true`, { timeout: '5 min' }),
    // @ts-expect-error there is no such option
    step('option', sh`true`, { retries: 2 }),
  ]
  // @ts-expect-error groups cannot be tried again
  group('g', [a], { retry: 1 })
  expect(typed).toHaveLength(6)
})
