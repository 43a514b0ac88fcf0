import { BatonError, defineErrors } from '@baton/model'
import { createLog, createService } from '@baton/service-kit'
import { createStateClient, type Ended, type OpenAttempt, type PipelineEvent, type WorkKind } from '@baton/state-client'

const errors = defineErrors({ WORK_MOVED_ON: { kind: 'conflict', says: 'somebody else has it' } })

export interface FakeWork {
  readonly id: string
  readonly kind: WorkKind
  readonly payload: unknown
  epoch: number
  owner?: string
  expiresMs: number
  dueMs: number
  outcome: unknown
  readonly releases: string[]
}

interface Params {
  id: string
  step: string
  number: string
  attempt: string
}

/** For tests: as much of a State-Controller as run-once apps see, over real HTTP, with real leases and gaps. */
export async function startFakeState(options: { leaseMs?: number; bundle?: string } = {}) {
  const log = createLog({ service: 'fake-state', level: 'silent' })
  const service = createService({ name: 'fake-state', version: '0', log, config: {} })
  service.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  const leaseMs = options.leaseMs ?? 30_000
  const works: FakeWork[] = []
  const fake = {
    works,
    attempts: [] as OpenAttempt[],
    ends: [] as (Ended & { number: number; attempt: number })[],
    events: [] as PipelineEvent[],
    outputs: new Map<string, Buffer>(),
    /** Events and steps in the order they were written. */
    written: [] as string[],
    /** Every request is answered so, while set. */
    no: undefined as BatonError | undefined,
    listings: 0,
    add: (kind: WorkKind, payload: unknown): FakeWork => {
      const work: FakeWork = {
        id: `w${works.length}`,
        kind,
        payload,
        epoch: 0,
        expiresMs: 0,
        dueMs: 0,
        outcome: undefined,
        releases: [],
      }
      works.push(work)
      return work
    },
  }
  service.addHook('preHandler', async () => {
    if (fake.no !== undefined) throw fake.no
  })
  const held = (id: string, epoch: number): FakeWork => {
    const work = works.find((one) => one.id === id)
    if (work === undefined || work.epoch !== epoch) throw errors.WORK_MOVED_ON()
    return work
  }

  service.post('/api/work/take', async (request, reply) => {
    const { kinds, owner, waitMs } = request.body as { kinds: string[]; owner: string; waitMs: number }
    const untilMs = Date.now() + waitMs
    while (!request.raw.socket.destroyed && Date.now() < untilMs && !service.kit.stopping) {
      const now = Date.now()
      const isFree = (one: FakeWork) => one.outcome === undefined && one.expiresMs <= now && one.dueMs <= now
      const work = works.find((one) => kinds.includes(one.kind) && isFree(one))
      if (work !== undefined && fake.no === undefined) {
        Object.assign(work, { owner, epoch: work.epoch + 1, expiresMs: now + leaseMs })
        return { id: work.id, kind: work.kind, epoch: work.epoch, leaseMs, payload: work.payload }
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return reply.code(204).send()
  })
  service.post<{ Params: Params }>('/api/work/:id/renew', async (request) => {
    held(request.params.id, (request.body as { epoch: number }).epoch).expiresMs = Date.now() + leaseMs
    return {}
  })
  service.post<{ Params: Params }>('/api/work/:id/done', async (request) => {
    const { epoch, outcome } = request.body as { epoch: number; outcome: unknown }
    held(request.params.id, epoch).outcome = outcome
    return {}
  })
  service.post<{ Params: Params }>('/api/work/:id/release', async (request) => {
    const { epoch, afterMs, why } = request.body as { epoch: number; afterMs: number; why: string }
    const work = held(request.params.id, epoch)
    Object.assign(work, { expiresMs: 0, dueMs: Date.now() + afterMs })
    work.releases.push(why)
    return {}
  })
  service.get('/bundle/pipeline.mjs', (_, reply) => reply.type('text/javascript').send(options.bundle))
  service.get('/api/attempts', async () => {
    fake.listings += 1
    return fake.attempts
  })
  const base = '/api/builds/:pipeline/:number/attempts/:attempt'
  service.post<{ Params: Params }>(`${base}/ended`, async ({ params, body }) => {
    fake.ends.push({ ...(body as Ended), number: Number(params.number), attempt: Number(params.attempt) })
    return {}
  })
  service.post(`${base}/events`, async ({ body }) => {
    const { from, events } = body as { from: number; events: PipelineEvent[] }
    if (from > fake.events.length) throw gap('EVENTS_GAP', fake.events.length)
    const fresh = events.slice(fake.events.length - from)
    fake.events.push(...fresh)
    fake.written.push(...fresh.map((event) => (event.type === 'plan' ? 'plan' : event.status)))
    return { next: fake.events.length }
  })
  service.post<{ Params: Params; Querystring: { offset: string } }>(`${base}/output/:step`, async (request) => {
    const { step } = request.params
    const before = fake.outputs.get(step) ?? Buffer.alloc(0)
    const offset = Number(request.query.offset)
    if (offset > before.length) throw gap('OUTPUT_GAP', before.length)
    const after = Buffer.concat([before, (request.body as Buffer).subarray(before.length - offset)])
    fake.outputs.set(step, after)
    fake.written.push(`output of ${step}`)
    return { next: after.length }
  })

  const url = await service.listen({ host: '127.0.0.1', port: 0 })
  const client = createStateClient({ url, token: 'service' })
  const close = async () => {
    client.close()
    service.server.closeAllConnections()
    await service.close()
  }
  return Object.assign(fake, { url, client, close })
}

const gap = (code: string, want: number) => new BatonError(code, 'conflict', `${want} is wanted`, { fields: { want } })

export type FakeState = Awaited<ReturnType<typeof startFakeState>>
