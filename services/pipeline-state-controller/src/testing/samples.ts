import type { Assembly, Claim, Description, NewRepository, PlacePayload, Resolution } from '@baton/state-client'

/** For tests: things of one small world, so that each test names only what it is about. */
export const noon = new Date('2026-01-05T12:00:00.000Z')
export const main = 'refs/heads/main'
export const secondMs = 1_000
export const minuteMs = 60_000
export const hourMs = 3_600_000

export const commitOf = (n: number): string => n.toString(16).padStart(40, '0')
/** The key of a pipeline's first version. */
export const keyFor = (pipeline: string): string => Buffer.from(pipeline).toString('hex').padEnd(64, '0')
export const keyOf = (n: number): string => n.toString(16).padStart(64, 'f')

export const newRepository = (more: Partial<NewRepository> = {}): NewRepository => ({
  slug: 'todo',
  url: `https://forge.example/shop/${more.slug ?? 'todo'}.git`,
  refs: ['refs/heads/*'],
  every: 'head',
  defaultRef: main,
  heads: [{ ref: main, head: commitOf(1) }],
  ...more,
})

/** Steps as most pipelines here have them. */
export const steps = [
  { id: '1', name: 'install', kind: 'step' },
  { id: '2', name: 'test', kind: 'step' },
]

export const descriptionOf = (more: Partial<Description> = {}): Description => ({
  name: 'todo',
  cpus: 0.5,
  memMb: 256,
  diskMb: 0,
  timeoutMs: 20 * minuteMs,
  attemptsMax: 1,
  paths: [],
  steps,
  ...more,
})

export const assemblyOf = (pipeline: string, key: string): Assembly => ({
  key,
  pipeline,
  repository: pipeline.split('/')[0] ?? pipeline,
  entryFile: pipeline.includes('/') ? `pipelines/${pipeline.split('/')[1]}.ts` : 'pipeline.ts',
  install: false,
})

/** What an entry means for a pipeline that is to be built by the version with this key. */
export const builtBy = (pipeline: string, key = keyFor(pipeline)): Resolution => ({
  pipeline,
  build: { key, assembly: assemblyOf(pipeline, key), firstOfVersion: false },
  skipped: null,
})

export const info = { author: 'Ann', subject: 'Sort the list' }

/** The claim of the first task of an app. */
export const claimOf = (placed: PlacePayload, more: Partial<Claim> = {}): Claim => ({
  pipeline: placed.pipeline,
  number: placed.number,
  attempt: placed.attempt,
  ticket: placed.ticket,
  taskId: taskOf(placed.appId),
  nonce: 'a'.repeat(32),
  protocol: 1,
  sandbox: { agent: '127.0.0.1:5051', path: '/sandbox' },
  ...more,
})

export const taskOf = (appId: string, n = 1): string => `${appId.slice(1).replaceAll('/', '_')}.instance-1._app.${n}`
