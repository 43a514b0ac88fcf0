import type { PipelineEvent } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { secondMs, steps } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene } from '../testing/scene.ts'

/** What a process tells of its steps. */
export function eventsContract(name: string, open: OpenPorts): void {
  const running = async () => {
    const scene = await openScene(open)
    const { name: attempt } = await scene.running()
    const stepsNow = async () => (await scene.build(attempt)).steps
    const statuses = async () => (await stepsNow()).map(({ status }) => status)
    return { scene, attempt, stepsNow, statuses }
  }

  describe(`${name} keeps the events of an attempt`, () => {
    test('the plan is the step tree; steps then move, with moments, reasons and results', async () => {
      const { scene, attempt, stepsNow } = await running()
      expect(await scene.plan(attempt)).toBe(1)
      expect(await stepsNow()).toMatchObject(steps.map((step) => ({ ...step, status: 'queued', outputBytes: 0 })))
      const startedAt = scene.now.toISOString()
      await scene.events(attempt, 1, scene.step('1', 'running'))
      scene.pass(secondMs)
      const reason = { code: 'failure.code', args: { step: 'install', code: 7 } } as const
      const next = await scene.events(
        attempt,
        2,
        scene.step('1', 'failure', { reason, result: { code: 7 } }),
        scene.step('2', 'skipped'),
      )
      expect(next).toBe(4)
      const endedAt = scene.now.toISOString()
      expect(await stepsNow()).toMatchObject([
        { id: '1', status: 'failure', reason, result: { code: 7 }, startedAt, endedAt },
        { id: '2', status: 'skipped', reason: null, startedAt: null, endedAt: null },
      ])
    })

    test('events sent again are passed over, alone or with new ones behind them', async () => {
      const { scene, attempt, statuses } = await running()
      const plan: PipelineEvent = { type: 'plan', at: scene.now.toISOString(), steps }
      const all = [plan, scene.step('1', 'running'), scene.step('1', 'success'), scene.step('2', 'running')]
      expect(await scene.events(attempt, 0, ...all.slice(0, 2))).toBe(2)
      expect(await scene.events(attempt, 0, ...all.slice(0, 2))).toBe(2)
      expect(await scene.events(attempt, 0, ...all.slice(0, 1))).toBe(2)
      expect(await scene.events(attempt, 1, ...all.slice(1))).toBe(4)
      expect(await scene.events(attempt, 4)).toBe(4)
      expect(await statuses()).toEqual(['success', 'running'])
    })

    test('a gap is refused, with the number that is wanted, and stores nothing', async () => {
      const { scene, attempt, statuses } = await running()
      await scene.plan(attempt)
      const early = scene.events(attempt, 2, scene.step('1', 'running'))
      await expect(early).rejects.toMatchObject({ code: 'EVENTS_GAP', fields: { want: 1 } })
      expect(await statuses()).toEqual(['queued', 'queued'])
    })

    test('a step that is not in the plan is refused, and none of the batch is stored', async () => {
      const { scene, attempt, statuses } = await running()
      await scene.plan(attempt)
      for (const id of ['3', '../1', '']) {
        const wrong = scene.events(attempt, 1, scene.step('1', 'running'), scene.step(id, 'running'))
        await expect(wrong).rejects.toMatchObject({ code: 'STEP_INVALID' })
      }
      expect(await statuses()).toEqual(['queued', 'queued'])
      expect(await scene.events(attempt, 1, scene.step('1', 'running'))).toBe(2)
    })

    test('a step that is over stays as it is; what cannot follow is counted and passed over', async () => {
      const { scene, attempt, statuses } = await running()
      await scene.plan(attempt)
      const wild = ['running', 'failure', 'running', 'success', 'queued'] as const
      expect(await scene.events(attempt, 1, ...wild.map((status) => scene.step('1', status)))).toBe(6)
      expect(await statuses()).toEqual(['failure', 'queued'])
    })

    test('a later plan adds steps and keeps what the others did', async () => {
      const { scene, attempt, stepsNow } = await running()
      await scene.plan(attempt)
      const grown = [...steps, { id: '2.1', name: 'unit', kind: 'step' }]
      const plan: PipelineEvent = { type: 'plan', at: scene.now.toISOString(), steps: grown }
      await scene.events(attempt, 1, scene.step('1', 'running'), plan)
      expect((await stepsNow()).map(({ id, status }) => [id, status])).toEqual([
        ['1', 'running'],
        ['2', 'queued'],
        ['2.1', 'queued'],
      ])
    })

    test('a result that is too large is left out, the rest of the event is not', async () => {
      const { scene, attempt, stepsNow } = await running()
      await scene.plan(attempt)
      const result = 'x'.repeat(65_537)
      await scene.events(attempt, 1, scene.step('1', 'running'), scene.step('1', 'success', { result }))
      const [first] = await stepsNow()
      expect(first).toMatchObject({ status: 'success' })
      expect(first).not.toHaveProperty('result')
    })

    test('before the claim, and after the end, nothing is accepted, and the refusals are counted', async () => {
      const scene = await openScene(open)
      await scene.queue()
      const placed = await scene.place()
      const attempt = nameOf(placed)
      const fenced = { code: 'ATTEMPT_FENCED', kind: 'conflict' }
      await expect(scene.plan(attempt)).rejects.toMatchObject(fenced)
      const unknown = { code: 'ATTEMPT_UNKNOWN', kind: 'missing' }
      await expect(scene.plan({ ...attempt, attempt: 2 })).rejects.toMatchObject(unknown)
      await expect(scene.plan({ ...attempt, number: 99 })).rejects.toMatchObject(unknown)
      expect((await scene.build(attempt)).attempts[0]?.refusedWrites).toBe(1)
    })

    test.each([
      ['reported', async (scene, attempt) => scene.report(attempt)],
      ['ended by the word of Marathon', async (scene, attempt) => scene.end(attempt)],
    ] as [
      string,
      (scene: Awaited<ReturnType<typeof openScene>>, attempt: ReturnType<typeof nameOf>) => Promise<void>,
    ][])('once %s it may not write any more', async (_how, ends) => {
      const { scene, attempt, statuses } = await running()
      await scene.plan(attempt)
      await ends(scene, attempt)
      const late = scene.events(attempt, 1, scene.step('1', 'running'))
      await expect(late).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await expect(scene.ports.attempts.see(attempt, scene.now)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      expect(await statuses()).not.toContain('running')
      expect((await scene.build(attempt)).attempts[0]?.refusedWrites).toBe(2)
    })

    test('what a dead attempt left is accepted until it is removed, and not from its process', async () => {
      const { scene, attempt } = await running()
      await scene.plan(attempt)
      await scene.end(attempt)
      const { attempts } = scene.ports
      const work = await scene.take('remove-build')
      expect(work.payload).toMatchObject({ salvage: true, stored: { nextEvent: 1, outputs: {} } })
      const left = { from: 1, events: [scene.step('1', 'running'), scene.step('1', 'failure')] }
      await expect(attempts.addEvents(attempt, left, 'process', scene.now)).rejects.toThrow()
      expect(await attempts.addEvents(attempt, left, 'salvage', scene.now)).toBe(3)
      await scene.done(work, {})
      const build = await scene.build(attempt)
      expect(build.steps).toMatchObject([{ status: 'failure' }, { status: 'skipped' }])
      const late = { from: 3, events: [scene.step('2', 'running')] }
      await expect(attempts.addEvents(attempt, late, 'salvage', scene.now)).rejects.toMatchObject({
        code: 'ATTEMPT_FENCED',
      })
    })

    test('of one that reported, nothing is left to be read', async () => {
      const { scene, attempt } = await running()
      await scene.report(attempt)
      const work = await scene.take('remove-build')
      expect(work.payload.salvage).toBe(false)
      const late = scene.ports.attempts.addEvents(attempt, { from: 0, events: [] }, 'salvage', scene.now)
      await expect(late).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
    })

    test('every attempt has its own steps and numbers', async () => {
      const scene = await openScene(open)
      const first = await scene.running({ attemptsMax: 2 })
      await scene.plan(first.name)
      await scene.events(first.name, 1, scene.step('1', 'running'))
      await scene.end(first.name)
      await scene.remove()
      const second = await scene.run()
      expect((await scene.build(second.name)).steps).toEqual([])
      expect(await scene.plan(second.name)).toBe(1)
      expect((await scene.build(second.name)).steps).toMatchObject([{ status: 'queued' }, { status: 'queued' }])
      await expect(scene.events(first.name, 2, scene.step('1', 'success'))).rejects.toMatchObject({
        code: 'ATTEMPT_FENCED',
      })
    })
  })
}
