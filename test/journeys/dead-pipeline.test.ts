import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statusesOf, tellBuild } from '../platform/builds.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor, waitUntil } from '../platform/wait-for.ts'
import { type Heard, startWireTap, type WireTap } from '../platform/wire-tap.ts'

let platform: StartedPlatform
let tap: WireTap
beforeAll(async () => {
  platform = await startPlatform()
  // Builds speak to the controller through an address of ours: what the first attempt said can be said again later.
  tap = await startWireTap(platform.file.stateUrl)
  await platform.services.set('pipeline-spawner', { TASK_STATE_URL: tap.url })
})
afterAll(async () => {
  await tap?.close()
  await platform?.stop()
})

const linesCount = 5_000
const prints = `step('prints', sh\`i=0; while [ $i -lt ${linesCount} ]; do echo "attempt $BATON_ATTEMPT line $i"; i=$((i+1)); done\`)`
/** The first attempt stays here until it dies. */
const dies = (file: string) =>
  `step('dies', sh\`echo "$BATON_ATTEMPT" >> ${file}; [ "$BATON_ATTEMPT" != 1 ] || sleep 600\`)`
const linesOf = (attempt: number) =>
  Array.from({ length: linesCount }, (_, at) => `attempt ${attempt} line ${at}\n`).join('')

describe('a build whose pipeline dies by kill -9', () => {
  test('is lost, at once and for good; what it had printed is there', async () => {
    const file = join(platform.folders.shared, 'lost')
    const code = pipelineCode([prints, dies(file), "step('later', sh`true`)"])
    const repository = await platform.repository('lost', { 'pipeline.ts': code })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await platform.stepBecomes(found, 'dies', 'running')

    await platform.killPipelineOf(found)
    // Long before its silence would tell: Marathon says at once that the task ended.
    const build = await platform.becomes(found, 'lost', 20_000)

    expect(build.reason).toMatchObject({ code: 'lost.task' })
    expect(statusesOf(build)).toMatchObject({ prints: 'success', dies: 'lost' })
    expect(await platform.outputOf(build, 'prints')).toBe(linesOf(1))
    const gone = await platform.isGone(build)
    expect(gone.attempts, tellBuild(gone)).toHaveLength(1)
    expect(readFileSync(file, 'utf8')).toBe('1\n')
  })

  test('prints until the last moment, and all of it is kept', async () => {
    const printed = join(platform.folders.shared, 'printed')
    // Each line is printed before it is noted: what is noted has to be there afterwards.
    const endless = `step('endless', sh\`i=0; while :; do echo "line $i"; echo $i > ${printed}; i=$((i+1)); done\`)`
    const repository = await platform.repository('endless', { 'pipeline.ts': pipelineCode([endless]) })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await platform.stepBecomes(found, 'endless', 'running')
    await waitUntil('a thousand lines', 60_000, () => numberIn(printed) > 1_000)

    await platform.killPipelineOf(found)
    const build = await platform.isGone(await platform.becomes(found, 'lost'))

    const lines = (await platform.outputOf(build, 'endless')).split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(numberIn(printed))
    expect(lines).toEqual(lines.map((_, at) => `line ${at}`))
  })
})

const numberIn = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return -1
  }
}

describe('a build that may be tried again', () => {
  test('gets a second attempt; late writes of the first are refused', async () => {
    const file = join(platform.folders.shared, 'again')
    const code = pipelineCode([prints, dies(file)], 'attempts: 2')
    const repository = await platform.repository('again', { 'pipeline.ts': code })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await saidEverything(found, file)

    await platform.killPipelineOf(found)
    const build = await platform.becomes(found, 'success')

    expect(readFileSync(file, 'utf8')).toBe('1\n2\n')
    expect(build.attempt).toBe(2)
    expect(await platform.outputOf(build, 'prints')).toBe(linesOf(2))
    expect(await platform.outputOf(build, 'prints', 1)).toBe(linesOf(1))
    const { attempts } = await platform.isGone(build)
    expect(attempts.map(({ number }) => number)).toEqual([1, 2])
    await refusesAll(build.pipeline, build.number)
  })

  test('is refused its late writes while the second attempt runs, too', async () => {
    const file = join(platform.folders.shared, 'meanwhile')
    const slow = `step('slow', sh\`echo "$BATON_ATTEMPT" >> ${file}; [ "$BATON_ATTEMPT" != 1 ] || sleep 600; while [ ! -e ${file}.go ]; do sleep 0.1; done\`)`
    const repository = await platform.repository('meanwhile', {
      'pipeline.ts': pipelineCode([prints, slow, "step('opens', sh`true`)"], 'attempts: 2'),
    })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await saidEverything(found, file)
    await platform.killPipelineOf(found)
    // The controller has to have heard all of it as well: what is compared below must stand still by itself.
    await waitFor('the second attempt in its slow step', 60_000, async () => {
      const build = await platform.state.getBuild(found.pipeline, found.number)
      const { prints, slow } = statusesOf(build)
      const isThere = build.attempt === 2 && prints === 'success' && slow === 'running' && textOf(file) === '1\n2\n'
      const isWhole = build.steps[0]?.outputBytes === Buffer.byteLength(linesOf(2))
      return (isThere && isWhole) || notYet(tellBuild(build))
    })

    await refusesAll(found.pipeline, found.number)

    writeFileSync(`${file}.go`, '')
    const build = await platform.becomes(found, 'success')
    expect(build.attempt).toBe(2)
    expect(await platform.outputOf(build, 'prints')).toBe(linesOf(2))
  })

  test('but its attempts are counted: the last one that dies leaves it lost', async () => {
    const code = pipelineCode(["step('dies', sh`sleep 600`)"], 'attempts: 2')
    const repository = await platform.repository('twice', { 'pipeline.ts': code })
    const found = await platform.buildOf(repository, repository.firstCommit)
    for (const attempt of [1, 2]) {
      await waitFor(`attempt ${attempt} to run`, 60_000, async () => {
        const build = await platform.state.getBuild(found.pipeline, found.number)
        const isRunning = build.attempt === attempt && statusesOf(build)['dies'] === 'running'
        return isRunning || notYet(tellBuild(build))
      })
      await platform.killPipelineOf(found)
    }

    const build = await platform.isGone(await platform.becomes(found, 'lost'))

    expect(build.attempts).toHaveLength(2)
  })
})

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Waits until the first attempt is where it stays, its command included, and has said one of everything. */
async function saidEverything({ pipeline, number }: { pipeline: string; number: number }, file: string): Promise<void> {
  await waitFor('the first attempt to have said one of everything', 60_000, () => {
    const kinds = [...saidBy(pipeline, number).keys()].sort().join(' ')
    return (textOf(file) === '1\n' && kinds === 'beat events output') || notYet(`${kinds}; ${textOf(file)}`)
  })
}

/** The last of each kind that the first attempt said. */
function saidBy(pipeline: string, number: number): Map<string, Heard> {
  const path = `/api/builds/${pipeline}/${number}/attempts/1/`
  return new Map(tap.heard.filter((one) => one.path.startsWith(path)).map((one) => [kindOf(one), one]))
}

/** Says again whatever the first attempt said with its token. Each write is refused, counted, and changes nothing. */
async function refusesAll(pipeline: string, number: number): Promise<void> {
  const path = `/api/builds/${pipeline}/${number}/attempts/1/`
  const said = saidBy(pipeline, number)
  expect([...said.keys()].sort()).toEqual(['beat', 'events', 'output'])
  // What it did not live to say: that all went well.
  const { headers } = said.get('events') ?? expect.fail('no events went by')
  const result = { status: 'success', reason: null, events: 0, outputs: {} }
  said.set('result', { method: 'POST', path: `${path}result`, headers, body: Buffer.from(JSON.stringify(result)) })
  const before = await platform.state.getBuild(pipeline, number)
  for (const [kind, write] of said) {
    const { status, json } = await tap.replay(write)
    expect({ kind, status, code: json?.code }).toEqual({ kind, status: 409, code: 'ATTEMPT_FENCED' })
  }
  const after = await platform.state.getBuild(pipeline, number)
  expect(after.steps).toEqual(before.steps)
  expect(after.attempts[0]?.refusedWrites).toBeGreaterThan(before.attempts[0]?.refusedWrites ?? 0)
  // The ticket is burnt as well: nobody gets in by it again.
  const claim = tap.heard.find((one) => one.path === '/api/claims' && isFirstClaim(one, pipeline, number))
  if (claim === undefined) throw new Error('no claim went by')
  const body = Buffer.from(
    JSON.stringify({ ...JSON.parse(claim.body.toString()), nonce: 'another-process-altogether' }),
  )
  expect((await tap.replay({ ...claim, body })).json).toMatchObject({ code: expect.stringMatching(/FENCED|TAKEN/) })
}

const kindOf = ({ path }: Heard): string => path.split('/').slice(7)[0]?.split('?')[0] ?? ''

function isFirstClaim({ body }: Heard, pipeline: string, number: number): boolean {
  const claim = JSON.parse(body.toString()) as { pipeline: string; number: number; attempt: number }
  return claim.pipeline === pipeline && claim.number === number && claim.attempt === 1
}
