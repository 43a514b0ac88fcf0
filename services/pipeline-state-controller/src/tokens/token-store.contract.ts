import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../testing/samples.ts'
import { type OpenPorts, openScene } from '../testing/scene.ts'

export function tokenStoreContract(name: string, open: OpenPorts): void {
  describe(`${name} is a token store`, () => {
    test('a token is found by itself alone, with its name and role', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const admin = await tokens.add({ name: 'Ann', role: 'admin' }, scene.now)
      const reader = await tokens.add({ name: 'wall', role: 'read' }, scene.now)
      expect(await tokens.find(admin.token, scene.now)).toEqual({ name: 'Ann', role: 'admin' })
      expect(await tokens.find(reader.token, scene.pass(1_000 * hourMs))).toEqual({ name: 'wall', role: 'read' })
      for (const wrong of ['', admin.id, 'Ann', admin.token.slice(0, -1)]) {
        expect(await tokens.find(wrong, scene.now)).toBeUndefined()
      }
    })

    test('tokens are listed without themselves, the oldest first', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const first = await tokens.add({ name: 'Ann', role: 'admin' }, scene.now)
      const createdAt = scene.now.toISOString()
      await tokens.add({ name: 'spare', role: 'service' }, scene.pass(minuteMs))
      const listed = await tokens.list(scene.now)
      expect(listed[0]).toEqual({ id: first.id, name: 'Ann', role: 'admin', createdAt })
      expect(listed.map((one) => one.name)).toEqual(['Ann', 'spare'])
      expect(JSON.stringify(listed)).not.toContain(first.token)
    })

    test('a name is taken until its token is removed', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const { id, token } = await tokens.add({ name: 'Ann', role: 'admin' }, scene.now)
      const again = tokens.add({ name: 'Ann', role: 'read' }, scene.now)
      await expect(again).rejects.toMatchObject({ code: 'TOKEN_NAME_TAKEN' })
      await tokens.remove(id, scene.now)
      await tokens.remove(id, scene.now)
      await tokens.remove('nobody', scene.now)
      expect(await tokens.find(token, scene.now)).toBeUndefined()
      expect(await tokens.list(scene.now)).toEqual([])
      await tokens.add({ name: 'Ann', role: 'read' }, scene.now)
    })

    test('a link logs in once, and its session is over after half a day', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const link = await tokens.makeLink('Ann', scene.now)
      const session = await tokens.useLink(link, scene.pass(9 * minuteMs))
      expect(session).not.toBe(link)
      expect(await tokens.find(session, scene.now)).toMatchObject({ role: 'admin' })
      expect((await tokens.find(session, scene.now))?.name).toContain('Ann')
      await expect(tokens.useLink(link, scene.now)).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
      expect(await tokens.find(session, scene.pass(11 * hourMs))).toBeDefined()
      expect(await tokens.find(session, scene.pass(hourMs))).toBeUndefined()
    })

    test('a link is too old after ten minutes; a guess, a token and a session are no links', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const old = await tokens.makeLink('Ann', scene.now)
      scene.pass(10 * minuteMs)
      const session = await tokens.useLink(await tokens.makeLink('Ann', scene.now), scene.now)
      const { token } = await tokens.add({ name: 'Ann', role: 'admin' }, scene.now)
      for (const wrong of [old, 'guess', '', token, session]) {
        await expect(tokens.useLink(wrong, scene.now)).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
      }
      expect(await tokens.find(session, scene.now)).toBeDefined()
    })

    test('a link is no token, and is not listed', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const link = await tokens.makeLink('Ann', scene.now)
      expect(await tokens.find(link, scene.now)).toBeUndefined()
      expect(await tokens.list(scene.now)).toEqual([])
    })

    test('a session is listed while it lasts, and may be ended', async () => {
      const scene = await openScene(open)
      const { tokens } = scene.ports
      const session = await tokens.useLink(await tokens.makeLink('Ann', scene.now), scene.now)
      const [listed] = await tokens.list(scene.now)
      expect(listed).toMatchObject({ role: 'admin' })
      await tokens.remove(listed?.id ?? '', scene.now)
      expect(await tokens.find(session, scene.now)).toBeUndefined()
      await tokens.useLink(await tokens.makeLink('Ann', scene.now), scene.now)
      expect(await tokens.list(scene.pass(12 * hourMs))).toEqual([])
      await scene.ports.work.tidy(scene.now)
    })
  })
}
