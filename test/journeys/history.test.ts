import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendHook } from '../platform/hook.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import type { Repository } from '../platform/repository.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'

let platform: StartedPlatform
let repository: Repository
beforeAll(async () => {
  platform = await startPlatform()
  const code = pipelineCode(['checkout()', "step('says', sh`git rev-parse HEAD`)"])
  repository = await platform.repository('todo', { 'pipeline.ts': code })
})
afterAll(() => platform?.stop())

/** Waits until the pipeline has so many builds of a commit, all green. @returns their numbers, oldest first */
function builtTimes(commit: string, count: number): Promise<number[]> {
  return waitFor(`${count} green builds of ${commit.slice(0, 8)}`, 60_000, async () => {
    const builds = await platform.state.listBuilds({ pipeline: 'todo', commit })
    const isDone = builds.length === count && builds.every(({ status }) => status === 'success')
    const numbers = builds.map(({ number }) => number).sort((a, b) => a - b)
    return isDone ? numbers : notYet(builds.map(({ number, status }) => `#${number} ${status}`).join(', ') || 'none')
  })
}

/** The entries of one commit on one branch, oldest first. */
async function entriesOf(commit: string, branch: string) {
  const entries = await platform.state.listEntries({ repository: 'todo' })
  return entries.filter((one) => one.commit === commit && one.ref === `refs/heads/${branch}`).reverse()
}

describe('a force-push back to an older commit', () => {
  test('builds it again: the branch lives in a new era', async () => {
    const older = await repository.push({ 'a.txt': '1' }, { branch: 'rewritten' })
    await builtTimes(older, 1)
    const newer = await repository.push({ 'a.txt': '2' }, { branch: 'rewritten' })
    await builtTimes(newer, 1)

    await repository.git.move('rewritten', older)
    await repository.tell()

    const [, second = expect.fail('no second build')] = await builtTimes(older, 2)
    const build = await platform.state.getBuild('todo', second)
    expect(await platform.outputOf(build, 'says')).toBe(`${older}\n`)
    const [first, again] = await entriesOf(older, 'rewritten')
    expect(again?.era).toBe((first?.era ?? 0) + 1)
    expect(again?.fates).toMatchObject([{ fate: 'built', build: second }])
  })

  test('is found by asking the remote, too, when nobody tells', async () => {
    const older = await repository.push({ 'b.txt': '1' }, { branch: 'quietly' })
    await builtTimes(older, 1)
    await builtTimes(await repository.push({ 'b.txt': '2' }, { branch: 'quietly' }), 1)

    await repository.git.move('quietly', older)
    await platform.state.look('todo')

    await builtTimes(older, 2)
    expect((await entriesOf(older, 'quietly')).map(({ source }) => source)).toEqual(['hook', 'sweep'])
  })
})

describe('a branch that is deleted and made again', () => {
  test('is built again, even at the same commit', async () => {
    const commit = await repository.push({ 'c.txt': '1' }, { branch: 'reborn' })
    await builtTimes(commit, 1)

    await repository.git.deleteBranch('reborn')
    await repository.tell()
    await repository.git.move('reborn', commit)
    await repository.tell()

    await builtTimes(commit, 2)
    const [first, again] = await entriesOf(commit, 'reborn')
    expect(again?.era).toBe((first?.era ?? 0) + 1)
  })

  test('and then goes on: a commit on top of it is one build', async () => {
    const commit = await repository.push({ 'd.txt': '1' }, { branch: 'goes-on' })
    await repository.git.deleteBranch('goes-on')
    await repository.tell()
    await repository.git.move('goes-on', commit)
    await repository.tell()

    const next = await repository.push({ 'd.txt': '2' }, { branch: 'goes-on' })

    await builtTimes(next, 1)
  })
})

describe('a hook that comes again', () => {
  test('changes nothing: by its delivery id, by its content, late, from the other service, all at once', async () => {
    const first = await repository.pushQuietly({ 'e.txt': '1' })
    const [move1 = expect.fail('nothing moved')] = repository.git.takeMoves()
    const secret = repository.hookSecret
    expect(await repository.hook(move1, { secret, delivery: 'first' })).toMatchObject({
      status: 200,
      json: { known: false },
    })
    const second = await repository.push({ 'e.txt': '2' })
    await builtTimes(first, 1)
    await builtTimes(second, 1)
    const before = await snapshot()

    const again = await Promise.all([
      repository.hook(move1, { secret, delivery: 'first' }),
      repository.hook(move1, { secret, delivery: 'first' }),
      repository.hook(move1, { secret, delivery: 'told by another hook' }),
      repository.hook(move1, { secret }),
      sendHook(platform.file.builderUrl, 'todo', move1, { secret, delivery: 'first' }),
    ])

    for (const { status, json } of again)
      expect({ status, entries: json.entries }).toEqual({ status: 200, entries: [] })
    expect(again[0]?.json).toMatchObject({ known: true })
    // A look at the remote that they may cause has to find nothing either: one that certainly came after them is done
    // once a later push, found by such a look alone, is built.
    const third = await repository.pushQuietly({ 'e.txt': '3' })
    repository.git.takeMoves()
    await platform.state.look('todo')
    await builtTimes(third, 1)
    const after = await snapshot()
    expect(after.entries.filter(({ commit }) => commit !== third)).toEqual(before.entries)
    expect(after.builds.filter(({ commit }) => commit !== third)).toEqual(before.builds)
  })
})

async function snapshot() {
  const [entries, builds] = await Promise.all([
    platform.state.listEntries({ repository: 'todo' }),
    platform.state.listBuilds({ repository: 'todo' }),
  ])
  return { entries, builds }
}
