import { describe, expect, test } from 'vitest'
import { claimOf, commitOf, main, minuteMs, taskOf } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const otherNonce = 'b'.repeat(32)

/** Who may run an attempt: one process, once. */
export function claimContract(name: string, open: OpenPorts): void {
  const placed = async (secrets: Record<string, string> = {}) => {
    const scene = await openScene(open)
    await scene.queue()
    for (const [secret, value] of Object.entries(secrets)) {
      await scene.ports.secrets.set('todo', secret, value, scene.now)
    }
    return scene
  }
  const claim = (scene: Scene, wanted: ReturnType<typeof claimOf>) => scene.ports.attempts.claim(wanted, scene.now)

  describe(`${name} lets one process claim`, () => {
    test('the ticket gives the commit, the secrets and a token, and the build runs', async () => {
      const scene = await placed({ TOKEN: 'hush' })
      const payload = await scene.place()
      const answer = await claim(scene, claimOf(payload))
      expect(answer).toEqual({
        token: expect.stringMatching(/^.{32,}$/),
        protocol: 1,
        commit: commitOf(1),
        ref: main,
        repository: { slug: 'todo', url: 'https://forge.example/shop/todo.git' },
        secrets: { TOKEN: 'hush' },
        timeoutMs: 20 * minuteMs,
        silenceMaxMs: 15 * minuteMs,
        assembly: null,
      })
      const build = await scene.build(payload)
      expect(build).toMatchObject({ status: 'running', reason: null, startedAt: scene.now.toISOString() })
      const at = scene.now.toISOString()
      expect(build.attempts).toMatchObject([{ taskId: taskOf(payload.appId), claimedAt: at, lastSeenAt: at }])
      expect(await scene.ports.attempts.findByToken(answer.token)).toEqual(nameOf(payload))
    })

    test('the same nonce may claim again, and is told the same', async () => {
      const scene = await placed({ TOKEN: 'hush' })
      const payload = await scene.place()
      const answer = await claim(scene, claimOf(payload))
      scene.pass(minuteMs)
      expect(await claim(scene, claimOf(payload))).toEqual(answer)
      expect((await scene.build(payload)).attempts[0]?.refusedWrites).toBe(0)
    })

    test('of many processes one wins; the others are refused, and counted', async () => {
      const scene = await placed()
      const payload = await scene.place()
      const nonces = ['a', 'b', 'c', 'd', 'e'].map((one) => one.repeat(32))
      const all = nonces.map((nonce, n) => claim(scene, claimOf(payload, { nonce, taskId: taskOf(payload.appId, n) })))
      const settled = await Promise.allSettled(all)
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const winner = settled.findIndex(({ status }) => status === 'fulfilled')
      const { attempts } = await scene.build(payload)
      expect(attempts).toMatchObject([{ taskId: taskOf(payload.appId, winner), refusedWrites: 4 }])
    })

    test('another nonce is refused for good, with the reason', async () => {
      const scene = await placed()
      const payload = await scene.place()
      await claim(scene, claimOf(payload))
      const second = claim(scene, claimOf(payload, { nonce: otherNonce }))
      await expect(second).rejects.toMatchObject({ code: 'CLAIM_TAKEN', kind: 'conflict' })
      await scene.report(nameOf(payload))
      await expect(claim(scene, claimOf(payload, { nonce: otherNonce }))).rejects.toMatchObject({ code: 'CLAIM_TAKEN' })
    })

    test('a ticket that does not fit is one and the same no, whatever does not fit', async () => {
      const scene = await placed()
      await scene.start()
      const [first, second] = [await scene.place(), await scene.place()]
      const wrong = [
        claimOf(first, { ticket: 'x'.repeat(64) }),
        claimOf(first, { ticket: second.ticket }),
        claimOf(first, { number: second.number }),
        claimOf(first, { number: 99 }),
        claimOf(first, { attempt: 2 }),
        claimOf(first, { pipeline: 'shop' }),
      ]
      const messages = new Set<string>()
      for (const one of wrong) {
        const refused = await claim(scene, one).catch((error) => error)
        expect(refused).toMatchObject({ code: 'TICKET_UNKNOWN', kind: 'forbidden', fields: {} })
        messages.add(refused.message)
      }
      expect(messages.size).toBe(1)
      expect(await scene.build(first)).toMatchObject({ status: 'placing' })
      await claim(scene, claimOf(first))
    })

    test('the ticket of an attempt that was not opened yet fits nothing', async () => {
      const scene = await placed()
      const payload = await scene.place()
      await scene.end(nameOf(payload))
      await scene.remove()
      const next = await scene.take('place-build')
      await scene.ports.work.release(next.id, next.epoch, 0, 'why', scene.now)
      await claim(scene, claimOf(next.payload))
    })

    test('a protocol that is not served is refused, and burns nothing', async () => {
      const scene = await placed()
      const payload = await scene.place()
      const old = claim(scene, claimOf(payload, { protocol: 99 }))
      await expect(old).rejects.toMatchObject({ code: 'PROTOCOL_UNSERVED', fields: { protocol: 99, served: '1' } })
      await claim(scene, claimOf(payload, { nonce: otherNonce }))
    })

    test('secrets are given only after Marathon confirmed the app; too early burns nothing', async () => {
      const scene = await placed({ TOKEN: 'hush' })
      const work = await scene.take('place-build')
      const early = claim(scene, claimOf(work.payload))
      await expect(early).rejects.toMatchObject({ code: 'CLAIM_TOO_EARLY', kind: 'unavailable' })
      expect(await scene.build(work.payload)).toMatchObject({ status: 'placing' })
      await scene.done(work, { refused: null })
      const { secrets } = await claim(scene, claimOf(work.payload, { nonce: otherNonce }))
      expect(secrets).toEqual({ TOKEN: 'hush' })
    })

    test('without secrets nobody has to wait; those of another repository are not given', async () => {
      const scene = await placed()
      await scene.register({ slug: 'shop' })
      await scene.ports.secrets.set('shop', 'TOKEN', 'hush', scene.now)
      const { payload } = await scene.take('place-build')
      expect(await claim(scene, claimOf(payload))).toMatchObject({ secrets: {} })
    })

    test('a meta-build gets no secrets', async () => {
      const scene = await placed({ TOKEN: 'hush' })
      await scene.start('todo/deploy')
      const { payload } = await scene.take('place-meta')
      expect(await claim(scene, claimOf(payload))).toMatchObject({ secrets: {}, assembly: { pipeline: 'todo/deploy' } })
    })

    test('a build that was killed meanwhile is not claimed', async () => {
      const scene = await placed()
      const payload = await scene.place()
      await scene.ports.builds.kill('todo', 1, 'Ann', '', scene.now)
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject({ code: 'BUILD_KILLED' })
      expect(await scene.build(payload)).toMatchObject({ status: 'killed', startedAt: null })
    })

    test('an attempt that ended, or was overtaken, is not claimed, and the refusals are counted', async () => {
      const scene = await placed()
      const payload = await scene.place()
      await scene.end(nameOf(payload))
      const fenced = { code: 'ATTEMPT_FENCED' }
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject(fenced)
      await scene.remove()
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject(fenced)
      const next = await scene.place()
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject(fenced)
      await claim(scene, claimOf(next))
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject(fenced)
      const { attempts } = await scene.build(payload)
      expect(attempts.map(({ refusedWrites }) => refusedWrites)).toEqual([4, 0])
    })

    test('whoever claimed and is dead, or has reported, may not claim again', async () => {
      const scene = await placed()
      const payload = await scene.place()
      await claim(scene, claimOf(payload))
      await scene.report(nameOf(payload))
      await expect(claim(scene, claimOf(payload))).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
    })

    test('a token is of one attempt; what is no token is of none', async () => {
      const scene = await placed()
      await scene.start()
      const [first, second] = [await scene.run(), await scene.run()]
      const { attempts } = scene.ports
      expect(first.answer.token).not.toBe(second.answer.token)
      expect(await attempts.findByToken(second.answer.token)).toEqual(second.name)
      for (const wrong of ['', 'nobody', first.placed.ticket]) {
        expect(await attempts.findByToken(wrong)).toBeUndefined()
      }
    })
  })
}
