import { describe, expect, test } from 'vitest'
import { type OpenPorts, openScene } from '../testing/scene.ts'

export function secretStoreContract(name: string, open: OpenPorts): void {
  describe(`${name} is a secret store`, () => {
    test('secrets are listed by name alone; set again they are replaced', async () => {
      const scene = await openScene(open)
      await scene.register()
      const { secrets } = scene.ports
      expect(await secrets.listNames('todo')).toEqual([])
      await secrets.set('todo', 'NPM_TOKEN', 'hush', scene.now)
      await secrets.set('todo', 'DEPLOY_KEY', 'hush', scene.now)
      await secrets.set('todo', 'NPM_TOKEN', 'hush hush', scene.now)
      expect(await secrets.listNames('todo')).toEqual(['DEPLOY_KEY', 'NPM_TOKEN'])
    })

    test('they are of one repository', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.register({ slug: 'shop' })
      await scene.ports.secrets.set('todo', 'TOKEN', 'hush', scene.now)
      expect(await scene.ports.secrets.listNames('shop')).toEqual([])
    })

    test('removed is gone; what is not there cannot be removed', async () => {
      const scene = await openScene(open)
      await scene.register()
      const { secrets } = scene.ports
      await secrets.set('todo', 'TOKEN', 'hush', scene.now)
      await secrets.remove('todo', 'TOKEN', scene.now)
      expect(await secrets.listNames('todo')).toEqual([])
      await expect(secrets.remove('todo', 'TOKEN', scene.now)).rejects.toMatchObject({ code: 'SECRET_UNKNOWN' })
    })

    test('a repository that is not registered has none', async () => {
      const { secrets } = (await openScene(open)).ports
      const unknown = { code: 'REPOSITORY_UNKNOWN' }
      await expect(secrets.listNames('todo')).rejects.toMatchObject(unknown)
      await expect(secrets.set('todo', 'TOKEN', 'hush', new Date())).rejects.toMatchObject(unknown)
      await expect(secrets.remove('todo', 'TOKEN', new Date())).rejects.toMatchObject(unknown)
    })

    test.each(['', '1ST', 'a-b', 'a b', 'A\n', 'BATON_TOKEN', 'mesos_task_id', 'MARATHON_X', 'X'.repeat(65)])(
      '%j cannot be its name',
      async (secret) => {
        const scene = await openScene(open)
        await scene.register()
        const setting = scene.ports.secrets.set('todo', secret, 'hush', scene.now)
        await expect(setting).rejects.toMatchObject({ code: 'SECRET_NAME_INVALID' })
        expect(await scene.ports.secrets.listNames('todo')).toEqual([])
      },
    )
  })
}
