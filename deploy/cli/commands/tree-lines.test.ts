import { checkout, describe as describePipeline, group, parallel, pipeline, sh, step } from '@baton/pipeline'
import { expect, test } from 'vitest'
import { treeLines } from './tree-lines.ts'

test('a pipeline is drawn as it stands in its file', () => {
  const steps = [
    checkout(),
    parallel('verify', [step('test', sh`1`), group('lint', [step('code', sh`2`)], { finally: [step('tell', sh`3`)] })]),
    step('image', sh`4`),
  ]
  const made = pipeline(
    'todo',
    { timeout: '90s', attempts: 2, paths: ['src/**'], finally: [step('end', sh`5`)] },
    steps,
  )
  expect(treeLines(describePipeline(made))).toEqual([
    'todo: 0.5 cpus, 512 MB, at most 90s, up to 2 attempts, for src/**',
    '├─ checkout',
    '├─ verify (parallel)',
    '│  ├─ test',
    '│  └─ lint (group)',
    '│     ├─ code',
    '│     └─ tell (finally)',
    '├─ image',
    '└─ end (finally)',
  ])
})
