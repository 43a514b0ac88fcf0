import type { BuildDetail, LedgerEntry } from '@baton/state-client'
import { expect, test } from 'vitest'
import type { Facts, WitnessLine } from './facts.ts'
import { findFaults, numberedLines } from './find-faults.ts'

const commit = 'c0ffee'.padEnd(40, '0')
const ref = 'refs/heads/main'
const at = '2024-01-01T00:00:00.000Z'

const attempt = (number: number, more: Partial<BuildDetail['attempts'][number]> = {}) =>
  ({ number, appId: '/a', taskId: 't', claimedAt: at, removedAt: at, ...more }) as BuildDetail['attempts'][number]

const build = (more: Partial<BuildDetail> = {}) =>
  ({
    pipeline: 'todo',
    number: 1,
    repository: 'todo',
    commit,
    ref,
    entry: 1,
    status: 'success',
    reason: null,
    steps: [],
    attempts: [attempt(1)],
    ...more,
  }) as unknown as BuildDetail

const entry = (more: Partial<LedgerEntry> = {}) =>
  ({
    id: 1,
    repository: 'todo',
    ref,
    commit,
    state: 'resolved',
    reason: null,
    fates: [{ pipeline: 'todo', fate: 'built', build: 1, buildStatus: 'success', reason: null }],
    ...more,
  }) as LedgerEntry

const line = (more: Partial<WitnessLine> = {}): WitnessLine => ({
  pipeline: 'todo',
  number: 1,
  attempt: 1,
  commit,
  step: 'first',
  ...more,
})

const output = (more: object = {}) => ({
  ...{ pipeline: 'todo', number: 1, attempt: 1, step: 'first', lines: 3 },
  ...{ stored: numberedLines(3), written: numberedLines(3), ...more },
})

/** A push that was built green, as all of it has to look. */
const green: Facts = {
  pushed: [{ repository: 'todo', ref, commit }],
  asked: [],
  entries: [entry()],
  builds: [build()],
  witness: [line(), line({ step: 'second' })],
  outputs: [output()],
  killed: new Set(),
  ordered: new Set(),
}

/** Its process was killed in the first step, with two of three lines printed. */
const lost: Facts = {
  ...green,
  builds: [build({ status: 'lost' })],
  witness: [line()],
  outputs: [output({ stored: numberedLines(2), written: numberedLines(2) })],
  killed: new Set(['todo#1.1']),
}

test('what is right has no fault', () => {
  expect(findFaults(green)).toEqual([])
  expect(findFaults(lost)).toEqual([])
  const killed = {
    ...lost,
    builds: [build({ status: 'killed' })],
    killed: new Set<string>(),
    ordered: new Set(['todo#1']),
  }
  expect(findFaults(killed)).toEqual([])
  // Nothing ran in the first attempt: it was never claimed.
  const again = [attempt(1, { claimedAt: null }), attempt(2)]
  const witness = [line({ attempt: 2 }), line({ attempt: 2, step: 'second' })]
  expect(findFaults({ ...green, builds: [build({ attempts: again })], witness })).toEqual([])
  const asked = [{ repository: 'todo', commit }]
  const byHand = { number: 2, entry: null }
  const more = [line({ number: 2 }), line({ number: 2, step: 'second' })]
  expect(
    findFaults({ ...green, asked, builds: [build(), build(byHand)], witness: [...green.witness, ...more] }),
  ).toEqual([])
})

const wrong: [what: string, facts: Facts, fault: RegExp][] = [
  ['a push without an entry', { ...green, entries: [], builds: [] }, /pushed once, 0 entries/],
  ['an entry twice', { ...green, entries: [entry(), entry({ id: 2 })] }, /pushed once, 2 entries/],
  ['an entry that nobody pushed', { ...green, pushed: [] }, /nobody pushed that/],
  ['an entry still open', { ...green, entries: [entry({ state: 'open', fates: [] })] }, /it is open/],
  ['a fate that is no build', { ...green, entries: [entry({ fates: [] })] }, /0 of its fates/],
  ['an entry without a build', { ...green, builds: [] }, /0 builds/],
  ['two builds of an entry', { ...green, builds: [build(), build({ number: 2 })] }, /2 builds/],
  ['a build of another commit', { ...green, builds: [build({ commit: 'd'.repeat(40) })] }, /of another commit/],
  ['a build of no entry', { ...green, builds: [build(), build({ number: 2, entry: 9 })] }, /no such entry/],
  ['a build nobody asked for', { ...green, builds: [build(), build({ number: 2, entry: null })] }, /asked for 0 times/],
  ['an asked build that never came', { ...green, asked: [{ repository: 'todo', commit }] }, /asked for, never built/],
  ['a build that hangs', { ...green, builds: [build({ status: 'running' })] }, /still running/],
  ['a lost build that nobody killed', { ...lost, killed: new Set() }, /it ended lost/],
  ['a red build', { ...green, builds: [build({ status: 'failure' })] }, /it ended failure/],
  ['a kill nobody ordered', { ...lost, builds: [build({ status: 'killed' })] }, /it ended killed/],
  ['two claims', { ...green, builds: [build({ attempts: [attempt(1), attempt(2)] })] }, /2 of its attempts/],
  [
    'a green build without a claim',
    { ...green, builds: [build({ attempts: [attempt(1, { claimedAt: null })] })] },
    /green without a claim/,
  ],
  [
    'an app that was never removed',
    { ...green, builds: [build({ attempts: [attempt(1, { removedAt: null })] })] },
    /never removed/,
  ],
  ['a step that ran twice', { ...green, witness: [...green.witness, line()] }, /ran as first, second, first/],
  ['a step that ran in two attempts', { ...green, witness: [...green.witness, line({ attempt: 2 })] }, /nobody knows/],
  [
    'a run before the claim',
    { ...lost, builds: [build({ status: 'lost', attempts: [attempt(1, { claimedAt: null })] })] },
    /ran without a claim/,
  ],
  ['a run of another commit', { ...green, witness: [line({ commit: 'other' })] }, /it ran other/],
  ['a green build that did nothing', { ...green, witness: [] }, /green, but only ran/],
  ['a step left out', { ...lost, witness: [line({ step: 'second' })] }, /ran as second/],
  ['a missing last line', { ...green, outputs: [output({ stored: numberedLines(2) })] }, /14 bytes are kept, 21/],
  [
    'a green build that printed too little',
    { ...green, outputs: [output({ stored: numberedLines(2), written: numberedLines(2) })] },
    /green with 2 lines/,
  ],
  [
    'a line twice',
    { ...lost, outputs: [output({ stored: 'line 1\nline 1\n', written: 'line 1\nline 1\n' })] },
    /numbered/,
  ],
  ['output that was not salvaged', { ...lost, outputs: [output({ stored: '' })] }, /0 bytes are kept, 21/],
]

test.each(wrong)('%s is a fault', (_what, facts, fault) => {
  expect(findFaults(facts).join('\n')).toMatch(fault)
})
