import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { checkout } from '../checkout.ts'
import type { Release } from '../release/release.ts'
import { definitionOf, fill, services, valuesOf } from './definitions.ts'
import { type PlatformFile, urlsOf } from './platform-file.ts'

const schema = join(checkout, 'test/marathon/schemas/app-create.semantic.schema.json')
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(
  JSON.parse(readFileSync(schema, 'utf8')),
)

const ports = { marathon: 8080, controller: 8081, builder: 8082, spawner: 8083 }
const platform: PlatformFile = {
  installation: 'abc123',
  host: '127.0.0.1',
  ports,
  ...urlsOf('127.0.0.1', ports),
  release: 'r1',
  openDir: '/data',
  buildUser: 'nobody',
  sampleDone: true,
}
const release = { digest: 'r1', dir: '/data/releases/r1', parts: {} } as unknown as Release
const values = valuesOf('/data', platform, release)

describe.each(services)('the definition of %s', (service) => {
  test('is one that Marathon accepts', () => {
    expect(validate(definitionOf(checkout, service, values, 'part')), JSON.stringify(validate.errors)).toBe(true)
  })

  test('has every placeholder filled, and only strings in its environment', () => {
    const definition = definitionOf(checkout, service, values, 'part')

    expect(JSON.stringify(definition)).not.toContain('{{')
    for (const value of Object.values(definition.env ?? {})) expect(typeof value).toBe('string')
  })

  test('holds the names of secrets but none of them', () => {
    for (const [name, value] of Object.entries(definitionOf(checkout, service, values, 'part').env ?? {})) {
      if (/TOKEN|PASSWORD|KEY/.test(name))
        expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/data\/secrets\//)])
    }
  })

  test('is small, patient and placed first', () => {
    const { cpus, mem, healthChecks, labels } = definitionOf(checkout, service, values, 'part')

    // It is ended when it takes more: idle it takes a quarter of that.
    expect({ cpus, mem }).toEqual({ cpus: 0.1, mem: service === 'pipeline-state-controller' ? 512 : 256 })
    expect(healthChecks?.[0]).toMatchObject({ timeoutSeconds: 5, maxConsecutiveFailures: 6, gracePeriodSeconds: 30 })
    expect(labels).toMatchObject({ BATON_PRIORITY: 'platform', BATON_INSTALLATION: 'abc123' })
  })

  test('is another one exactly when the service runs on something else', () => {
    const labelOf = (dir: string, part: string) =>
      definitionOf(checkout, service, valuesOf('/data', platform, { ...release, dir }), part).labels['BATON_DEFINITION']

    expect(labelOf('/data/releases/r2', 'part')).toBe(labelOf('/data/releases/r1', 'part'))
    expect(labelOf('/data/releases/r1', 'other')).not.toBe(labelOf('/data/releases/r1', 'part'))
  })
})

test('there is one controller, and never two at a time', () => {
  const controller = definitionOf(checkout, 'pipeline-state-controller', values, 'part')

  expect(controller.labels['MARATHON_SINGLE_INSTANCE_APP']).toBe('true')
  expect(controller.upgradeStrategy).toEqual({ minimumHealthCapacity: 0, maximumOverCapacity: 0 })
})

test('a placeholder that stands alone keeps its type, and without a value its field goes', () => {
  const template = { port: '{{PORT}}', url: 'http://x:{{PORT}}', user: '{{USER}}', list: ['{{USER}}', 1] }

  expect(fill(template, { PORT: 80 })).toEqual({ port: 80, url: 'http://x:80', list: [1] })
})
