import { createLog, createService } from '@baton/service-kit'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { openMemory } from '../testing/open-memory.ts'
import { newRepository } from '../testing/samples.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { addFeedRoutes, type FeedParts } from './feed.ts'

const log = createLog({ service: 'state', level: 'silent' })

async function open(publicUrl?: string) {
  const scene = await openScene(openMemory)
  return { scene, service: serve({ ports: scene.ports, publicUrl }) }
}

function serve(parts: FeedParts) {
  const service = createService({ name: 'state', version: '0', log, config: {} })
  addFeedRoutes(service, parts)
  return service
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => name === 'Project',
})
const projects = (xml: string): Record<string, string>[] => parser.parse(xml).Projects.Project ?? []

/** Build 1 of `todo` ended red in its second step. */
async function failOnce(scene: Scene): Promise<void> {
  const { name } = await scene.running()
  await scene.plan(name)
  await scene.events(
    name,
    1,
    scene.step('1', 'running'),
    scene.step('1', 'success'),
    scene.step('2', 'running'),
    scene.step('2', 'failure'),
  )
  await scene.report(name, { status: 'failure', events: 5 })
}

/** The builds, and which of them were read. */
function counting({ ports }: Scene) {
  const read: string[] = []
  const builds = {
    ...ports.builds,
    list: () => Promise.reject(new Error('a feed reads no history')),
    get: (pipeline: string, number: number) => {
      read.push(`${pipeline}#${number}`)
      return ports.builds.get(pipeline, number)
    },
  }
  return { read, builds }
}

describe('GET /cctray.xml', () => {
  test('tells of pipelines and their steps, meta-pipelines too', async () => {
    const { scene, service } = await open('https://baton.example/')
    await failOnce(scene)
    const { statusCode, headers, body } = await service.inject('/cctray.xml')

    expect(statusCode).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/xml; charset=utf-8',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
    })
    expect(projects(body).map(({ name, lastBuildStatus, webUrl }) => [name, lastBuildStatus, webUrl])).toEqual([
      ['todo', 'Failure', 'https://baton.example/builds/todo/1'],
      ['todo :: 1 install', 'Success', 'https://baton.example/builds/todo/1?s=1'],
      ['todo :: 2 test', 'Failure', 'https://baton.example/builds/todo/1?s=2'],
      ['~todo', 'Success', 'https://baton.example/builds/~todo/1'],
    ])
  })

  test('shows the end of a step before the end of its build', async () => {
    const { scene, service } = await open()
    await failOnce(scene)
    await scene.start()
    const { name } = await scene.run()
    await scene.plan(name)
    await scene.events(name, 1, scene.step('1', 'running'), scene.step('1', 'failure'), scene.step('2', 'running'))
    const [todo, install, tested] = projects((await service.inject('/cctray.xml')).body)

    expect(todo).toMatchObject({ activity: 'Building', lastBuildStatus: 'Failure', lastBuildLabel: '1' })
    expect(install).toMatchObject({ activity: 'Sleeping', lastBuildStatus: 'Failure', lastBuildLabel: '2' })
    expect(tested).toMatchObject({ activity: 'Building', lastBuildStatus: 'Failure', lastBuildLabel: '1' })
  })

  test('is not sent again to whoever has it, until something changes', async () => {
    const { scene, service } = await open()
    await failOnce(scene)
    const etag = String((await service.inject('/cctray.xml')).headers['etag'])
    const again = () => service.inject({ url: '/cctray.xml', headers: { 'if-none-match': `"other", W/${etag}` } })
    const known = await again()
    await scene.start()
    const { name } = await scene.run()
    await scene.report(name)
    const changed = await again()

    expect([known.statusCode, known.body, known.headers['etag']]).toEqual([304, '', etag])
    expect(changed.statusCode).toBe(200)
  })

  test('answers HEAD, as monitors try a connection', async () => {
    const { service } = await open()
    const { statusCode, headers, body } = await service.inject({ method: 'HEAD', url: '/cctray.xml' })
    expect([statusCode, headers['content-type'], body]).toEqual([200, 'application/xml; charset=utf-8', ''])
  })

  test('links to where it was asked, unless there is a public address', async () => {
    const { scene, service } = await open()
    await failOnce(scene)
    const { body } = await service.inject({ url: '/cctray.xml', headers: { host: 'wall.example:8081' } })
    expect(projects(body)[0]?.['webUrl']).toBe('http://wall.example:8081/builds/todo/1')
  })

  test('tells of one repository, and takes parameters against caches', async () => {
    const { scene, service } = await open()
    await failOnce(scene)
    await scene.ports.repositories.add(newRepository({ slug: 'shop' }), scene.now)
    await scene.start('shop')
    const namesAt = async (url: string) => projects((await service.inject(url)).body).map(({ name }) => name)

    expect(await namesAt('/cctray.xml?repository=shop&_=123')).toEqual(['shop', '~shop'])
    expect(await namesAt('/cctray.xml?repository=nobody')).toEqual([])
    expect((await service.inject('/cctray.xml?repository=No%20Slug')).statusCode).toBe(400)
  })

  test('reads two builds of a pipeline, however many there were', async () => {
    const { scene } = await open()
    await scene.queue()
    for (let n = 0; n < 6; n += 1) {
      const { name } = await scene.run()
      await scene.report(name)
      await scene.start()
    }
    const { read, builds } = counting(scene)
    await serve({ ports: { builds } }).inject('/cctray.xml')
    expect(read).toEqual(['todo#7', 'todo#6', '~todo#1'])
  })

  test('reads what rests only once, and again when it builds', async () => {
    const { scene } = await open()
    await failOnce(scene)
    const { read, builds } = counting(scene)
    const service = serve({ ports: { builds } })
    const ask = async () => (await service.inject('/cctray.xml')).body
    expect(await ask()).toBe(await ask())
    expect(read.splice(0)).toEqual(['todo#1', '~todo#1'])

    await scene.start()
    const { name } = await scene.run()
    expect(projects(await ask())[0]).toMatchObject({ activity: 'Building', lastBuildLabel: '1' })
    await scene.report(name)
    expect(projects(await ask())[0]).toMatchObject({ activity: 'Sleeping', lastBuildLabel: '2' })
    await ask()
    expect(read).toEqual(['todo#2', 'todo#1', 'todo#2'])
  })
})
