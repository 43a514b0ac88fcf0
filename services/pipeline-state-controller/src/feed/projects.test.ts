import type { BuildStatus, StepStatus } from '@baton/model'
import { buildStatuses, isOver, stepStatuses } from '@baton/model'
import type { BuildDetail, Step } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { projectsOf } from './projects.ts'

const views = 'https://baton.example'
const atOf = (number: number, seconds: number): string =>
  new Date(Date.UTC(2026, 0, 5, 12, number, seconds)).toISOString()

function step(id: string, status: StepStatus, number: number, name = 'test'): Step {
  const hasRun = status !== 'queued' && status !== 'skipped'
  const endedAt = hasRun && isOver(status) ? atOf(number, 20) : null
  return {
    id,
    name,
    kind: 'step',
    status,
    reason: null,
    startedAt: hasRun ? atOf(number, 5) : null,
    endedAt,
    outputBytes: 0,
  }
}

/** Build `number` is made in minute `number`; it ends 30 seconds later. */
function build(number: number, status: BuildStatus, steps: Step[] = [], pipeline = 'todo'): BuildDetail {
  return {
    ...{
      pipeline,
      number,
      status,
      steps,
      repository: 'todo',
      commit: 'c'.repeat(40),
      ref: 'refs/heads/main',
      entry: null,
    },
    ...{ reason: null, cause: { code: 'ran.person', args: { who: 'Ann' } }, versionKey: null, attempt: 1 },
    ...{ killWanted: false, author: null, subject: null, attempts: [] },
    createdAt: atOf(number, 0),
    queuedAt: null,
    startedAt: null,
    endedAt: isOver(status) ? atOf(number, 30) : null,
  }
}

const red = build(1, 'failure', [step('1', 'success', 1, 'install'), step('2', 'failure', 1)])

describe('a pipeline', () => {
  test('that ended is as it ended', () => {
    const green = build(2, 'success')
    expect(projectsOf({ newest: green, lastEnded: green }, views)).toEqual([
      {
        name: 'todo',
        activity: 'Sleeping',
        lastBuildStatus: 'Success',
        lastBuildLabel: '2',
        lastBuildTime: '2026-01-05T12:02:30.000Z',
        webUrl: 'https://baton.example/builds/todo/2',
      },
    ])
  })

  test('keeps status, label and time of its last build while the next one runs', () => {
    const [project] = projectsOf({ newest: build(2, 'running'), lastEnded: red }, views)
    expect(project).toMatchObject({
      activity: 'Building',
      lastBuildStatus: 'Failure',
      lastBuildLabel: '1',
      lastBuildTime: '2026-01-05T12:01:30.000Z',
      webUrl: 'https://baton.example/builds/todo/2',
    })
  })

  test('that never ended is unknown, and has a time all the same', () => {
    const [project] = projectsOf({ newest: build(1, 'running'), lastEnded: null }, views)
    expect(project).toMatchObject({
      lastBuildStatus: 'Unknown',
      lastBuildLabel: '1',
      lastBuildTime: '2026-01-05T12:01:00.000Z',
    })
  })

  test('with a slash or a tilde has an address that works', () => {
    const [project] = projectsOf({ newest: build(3, 'success', [], '~todo/deploy'), lastEnded: null }, views)
    expect(project?.webUrl).toBe('https://baton.example/builds/~todo%2Fdeploy/3')
  })
})

describe('a step', () => {
  test('is named by its pipeline, its id and its name, so that no two are equal', () => {
    const twins = build(1, 'success', [step('1', 'success', 1), step('2', 'success', 1), step('2.1', 'success', 1)])
    const names = projectsOf({ newest: twins, lastEnded: twins }, views).map(({ name }) => name)
    expect(names).toEqual(['todo', 'todo :: 1 test', 'todo :: 2 test', 'todo :: 2.1 test'])
  })

  test('that ended counts at once; one that did not begin is as in the last build', () => {
    const newest = build(2, 'running', [step('1', 'success', 2, 'install'), step('2', 'queued', 2)])
    const [, install, tested] = projectsOf({ newest, lastEnded: red }, views)
    expect(install).toMatchObject({
      activity: 'Sleeping',
      lastBuildStatus: 'Success',
      lastBuildLabel: '2',
      lastBuildTime: atOf(2, 20),
    })
    expect(tested).toMatchObject({
      activity: 'Sleeping',
      lastBuildStatus: 'Failure',
      lastBuildLabel: '1',
      lastBuildTime: atOf(1, 20),
    })
    expect(tested?.webUrl).toBe('https://baton.example/builds/todo/2?s=2')
  })

  test('that runs keeps how it ended last', () => {
    const newest = build(2, 'running', [step('1', 'success', 2, 'install'), step('2', 'running', 2)])
    expect(projectsOf({ newest, lastEnded: red }, views)[2]).toMatchObject({
      activity: 'Building',
      lastBuildStatus: 'Failure',
      lastBuildLabel: '1',
      lastBuildTime: atOf(1, 20),
    })
  })

  test('stays in the feed while a build has no steps yet', () => {
    const projects = projectsOf({ newest: build(2, 'placing'), lastEnded: red }, views)
    expect(projects.map(({ name, webUrl }) => [name, webUrl])).toEqual([
      ['todo', 'https://baton.example/builds/todo/2'],
      ['todo :: 1 install', 'https://baton.example/builds/todo/1?s=1'],
      ['todo :: 2 test', 'https://baton.example/builds/todo/1?s=2'],
    ])
  })

  test('that is another one under an old id starts anew', () => {
    const newest = build(2, 'running', [step('2', 'queued', 2, 'lint')])
    expect(projectsOf({ newest, lastEnded: red }, views)[1]).toMatchObject({
      name: 'todo :: 2 lint',
      lastBuildStatus: 'Unknown',
      lastBuildLabel: '2',
    })
  })

  test('that was skipped has the time of its build', () => {
    const newest = build(2, 'failure', [step('1', 'skipped', 2)])
    expect(projectsOf({ newest, lastEnded: newest }, views)[1]).toMatchObject({
      lastBuildStatus: 'Unknown',
      lastBuildTime: atOf(2, 30),
    })
  })
})

const verdicts = {
  success: 'Success',
  failure: 'Failure',
  'timed-out': 'Failure',
  lost: 'Failure',
  killed: 'Unknown',
  skipped: 'Unknown',
}

test.each([...new Set([...buildStatuses, ...stepStatuses])])('%s is a word that readers know', (status) => {
  const newest = build(
    2,
    status,
    stepStatuses.includes(status as StepStatus) ? [step('1', status as StepStatus, 2)] : [],
  )
  for (const { activity, lastBuildStatus } of projectsOf(
    { newest, lastEnded: isOver(status) ? newest : null },
    views,
  )) {
    expect(activity).toBe(status === 'running' ? 'Building' : 'Sleeping')
    expect(lastBuildStatus).toBe((verdicts as Record<string, string>)[status] ?? 'Unknown')
  }
})
