import { readFileSync } from 'node:fs'
import { appIdOf } from '@baton/model'
import type { PlacePayload } from '@baton/state-client'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { installation, placePayload } from '../testing/payloads.ts'
import { appDefinition, digestLabel } from './app-definition.ts'
import { flatPipeline, isOf, isOurAppId, laneSelector } from './labels.ts'

const schemaFile = new URL('../schemas/app-create.semantic.schema.json', import.meta.url)
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(
  JSON.parse(readFileSync(schemaFile, 'utf8')),
)
const settings = { taskStateUrl: 'http://10.0.0.1:8081/', allowLocalGit: false }

const word = fc.stringMatching(/^[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,1}$/)
const pipeline = fc
  .tuple(fc.boolean(), word, fc.option(word))
  .map(([meta, slug, name]) => `${meta ? '~' : ''}${slug}${name === null ? '' : `/${name}`}`)
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
const payloads: fc.Arbitrary<PlacePayload> = fc
  .record({
    pipeline,
    number: fc.integer({ min: 1, max: 1e8 }),
    attempt: fc.integer({ min: 1, max: 9 }),
    repository: fc.record({ slug: word, url: fc.webUrl() }),
    commit: hex(40),
    ref: fc.constantFrom('refs/heads/main', 'refs/heads/ünïcode/"quoted"', 'refs/tags/v1'),
    ticket: hex(43),
    digest: hex(64),
    cpus: fc.double({ min: 0.01, max: 1024, noNaN: true }),
    memMb: fc.integer({ min: 32, max: 4_194_304 }),
    diskMb: fc.integer({ min: 0, max: 1e6 }),
    image: fc.option(fc.constantFrom('node:20', 'registry.test:5000/team/image@sha256:abc'), { nil: undefined }),
  })
  .map(({ digest, image, ...rest }) => ({
    installation,
    ...rest,
    appId: appIdOf(installation, rest.pipeline, rest.number, rest.attempt),
    bundle: { digest, path: `/bundles/key/pipeline.cjs` },
    ...(image !== undefined && { image }),
  }))

describe('the definition of a run-once app', () => {
  test('is one that Marathon takes, whatever is built', () => {
    const someSettings = fc.record({
      taskStateUrl: fc.constantFrom('http://10.0.0.1:8081', 'https://baton.example.test/'),
      buildUser: fc.option(fc.constantFrom('nobody', 'ci'), { nil: undefined }),
      allowLocalGit: fc.boolean(),
      killGraceS: fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
    })
    const toolchain = { uri: 'http://b:1/toolchain/x.tgz', extract: true, executable: false, cache: true }
    const extra = fc.constantFrom([], [toolchain])
    fc.assert(
      fc.property(fc.constantFrom('build' as const, 'meta' as const), payloads, someSettings, extra, (...args) => {
        const app = JSON.parse(JSON.stringify(appDefinition(...args)))
        validate(app)
        expect(validate.errors).toBeNull()
        expect(isOurAppId(installation, app.id)).toBe(true)
        expect(isOf({ ...args[1], lane: args[0] }, app.labels)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('the schema does say no', () => {
    const app = appDefinition('build', placePayload(), settings)
    for (const bad of [
      { ...app, id: '/Über' },
      { ...app, nonsense: 1 },
      { ...app, env: { A: 1 } },
    ]) {
      expect(validate(bad)).toBe(false)
    }
  })

  test('makes Marathon unwilling to run it twice', () => {
    expect(appDefinition('build', placePayload(), settings)).toMatchObject({
      instances: 1,
      backoffSeconds: 604_800,
      backoffFactor: 1,
      maxLaunchDelaySeconds: 604_800,
      unreachableStrategy: 'disabled',
      upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      taskKillGracePeriodSeconds: 30,
      portDefinitions: [],
      labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' },
    })
  })

  test('checks the bundle before it runs, and fetches it plainly', () => {
    const app = appDefinition('build', placePayload(), settings)
    expect(app.cmd).toBe(
      `cd "$MESOS_SANDBOX" && echo "${'d'.repeat(64)}  pipeline.cjs" | sha256sum -c --quiet - && exec node pipeline.cjs`,
    )
    const uri = 'http://10.0.0.1:8081/bundles/key/pipeline.cjs'
    expect(app.fetch).toEqual([{ uri, extract: false, executable: false, cache: false }])
  })

  test('starts a bundle under its own name: that tells Node what it is', () => {
    const bundle = { digest: 'd'.repeat(64), path: '/bundles/key/pipeline.mjs' }
    const { cmd } = appDefinition('build', placePayload({ bundle }), settings)
    expect(cmd).toBe(
      `cd "$MESOS_SANDBOX" && echo "${'d'.repeat(64)}  pipeline.mjs" | sha256sum -c --quiet - && exec node pipeline.mjs`,
    )
  })

  test('never puts into the command what is no digest, or no name of a bundle', () => {
    const good = placePayload().bundle
    const define = (bundle: typeof good) => () => appDefinition('build', placePayload({ bundle }), settings)
    expect(define({ ...good, digest: '$(reboot)' })).toThrow(/SHA-256/)
    expect(define({ ...good, path: '/bundles/key/$(reboot)' })).toThrow(/pipeline\.cjs/)
  })

  test('names the build in the environment, and what is not allowed is not there', () => {
    const { env } = appDefinition('meta', placePayload({ pipeline: '~todo/deploy' }), settings)
    expect(env).toEqual({
      BATON_STATE_URL: settings.taskStateUrl,
      BATON_TICKET: 't'.repeat(43),
      BATON_PIPELINE: '~todo/deploy',
      BATON_BUILD: '7',
      BATON_ATTEMPT: '1',
      BATON_COMMIT: 'c'.repeat(40),
      BATON_REF: 'refs/heads/main',
      BATON_REPOSITORY: 'todo',
      BATON_REPOSITORY_URL: 'https://example.test/todo.git',
    })
    const allowed = appDefinition('build', placePayload(), { ...settings, allowLocalGit: true })
    expect(allowed.env['BATON_ALLOW_LOCAL_GIT']).toBe('true')
    const crashing = appDefinition('build', placePayload(), { ...settings, crashDir: '/tmp/crashes' })
    expect(crashing.env['BATON_CRASH_DIR']).toBe('/tmp/crashes')
  })

  test('runs as the account and in the image that are named', () => {
    const app = appDefinition('build', placePayload({ image: 'node:20' }), { ...settings, buildUser: 'nobody' })
    expect(app).toMatchObject({ user: 'nobody', container: { type: 'DOCKER', docker: { image: 'node:20' } } })
    const plain = appDefinition('build', placePayload(), settings)
    expect([plain.user, plain.container]).toEqual([undefined, undefined])
  })

  test('is the same for the same attempt, and tells others apart', () => {
    const digest = (more: Partial<PlacePayload>) =>
      appDefinition('build', placePayload(more), settings).labels[digestLabel]
    expect(digest({})).toBe(digest({}))
    expect(digest({})).not.toBe(digest({ memMb: 257 }))
  })
})

describe('labels', () => {
  test('no two pipelines share a flat name', () => {
    fc.assert(fc.property(pipeline, pipeline, (a, b) => (a === b) === (flatPipeline(a) === flatPipeline(b))))
  })

  test('a selector names installation and lane', () => {
    expect(laneSelector('abc123', 'meta')).toBe('BATON_INSTALLATION==abc123,BATON_LANE==meta')
  })

  test('another installation’s app is not ours, nor is one that looks like it', () => {
    expect(isOurAppId('abc123', '/baton-builds/abc123-todo-1-1')).toBe(true)
    for (const id of ['/baton-builds/abc1234-todo-1-1', '/baton/abc123-x', '/x/baton-builds/abc123-todo-1-1']) {
      expect(isOurAppId('abc123', id)).toBe(false)
    }
  })
})
