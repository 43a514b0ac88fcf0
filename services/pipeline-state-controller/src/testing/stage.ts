import type {
  Build,
  BuildDetail,
  Claim,
  ClaimAnswer,
  Delivery,
  DeliveryAnswer,
  LedgerEntry,
  NewRepository,
  OutcomeOf,
  PipelineEvent,
  PlacePayload,
  Repository,
  Resolution,
  Result,
  Work,
  WorkKind,
} from '@baton/state-client'
import type { AttemptName } from '../attempts/attempt-store.ts'
import type { Ports } from '../ports.ts'
import { builtBy, claimOf, commitOf, descriptionOf, info, main, newRepository, noon, steps } from './samples.ts'

export type WorkOf<K extends WorkKind> = Extract<Work, { kind: K }>

/** For tests: a store, a clock that stands until it is moved, and the ways that commits and builds take through it. */
export class Scene {
  readonly ports: Ports
  now = noon
  #requests = 0
  #deliveries = 0

  constructor(ports: Ports) {
    this.ports = ports
  }

  pass(ms: number): Date {
    this.now = new Date(this.now.getTime() + ms)
    return this.now
  }

  register(more: Partial<NewRepository> = {}): Promise<Repository> {
    return this.ports.repositories.add(newRepository(more), this.now)
  }

  /** A signed hook: `ref` went from one commit to another. Each is a delivery of its own unless it says otherwise. */
  push(before: string | null, after: string | null, more: Partial<Delivery> & { ref?: string } = {}) {
    this.#deliveries += 1
    const id = more.id ?? `delivery-${this.#deliveries}`
    const changes = more.changes ?? [{ ref: more.ref ?? main, before, after }]
    const delivery: Delivery = { id, digest: more.digest ?? `digest-${id}`, changes }
    return this.ports.ledger.deliver('todo', delivery, this.now) satisfies Promise<DeliveryAnswer>
  }

  /** All entries, the oldest first. */
  async entries(repository?: string): Promise<LedgerEntry[]> {
    return (await this.ports.ledger.listEntries({ repository, limit: 1_000 })).reverse()
  }

  /** Takes work that has to be there. */
  async take<K extends WorkKind>(kind: K, owner = 'owner-1'): Promise<WorkOf<K>> {
    const work = await this.findWork(kind, owner)
    if (work === undefined) throw new Error(`no work of the kind ${kind} is due`)
    return work
  }

  async findWork<K extends WorkKind>(kind: K, owner = 'owner-1'): Promise<WorkOf<K> | undefined> {
    return (await this.ports.work.take([kind], owner, this.now)) as WorkOf<K> | undefined
  }

  done<K extends WorkKind>(work: WorkOf<K>, outcome: OutcomeOf<K>): Promise<void> {
    const { id, epoch } = work as Work
    return this.ports.work.done(id, epoch, outcome, this.now)
  }

  /** Resolves the next entry: built by these. */
  async resolve(...resolutions: Resolution[]): Promise<LedgerEntry> {
    const work = await this.take('resolve')
    await this.done(work, { info, resolutions, whole: null })
    const entry = (await this.entries()).find(({ id }) => id === work.payload.entry.id)
    if (entry === undefined) throw new Error('the resolved entry is not there')
    return entry
  }

  putMetaPipeline(): Promise<string> {
    const description = descriptionOf({ name: 'meta' })
    return this.ports.versions.putMetaPipeline(Buffer.from('meta-pipeline'), description, this.now)
  }

  /** Lets the next meta-build publish a version, and be gone. */
  async assemble(more: Parameters<typeof descriptionOf>[0] = {}): Promise<string> {
    await this.putMetaPipeline()
    const meta = await this.run('place-meta')
    const { assembly } = meta.answer
    if (assembly === null) throw new Error('a meta-build was told nothing to assemble')
    const bytes = Buffer.from(`bundle ${assembly.key} ${JSON.stringify(more)}`)
    const digest = await this.ports.versions.putBundle(meta.name, assembly.key, bytes, this.now)
    await this.ports.versions.publish(meta.name, assembly.key, { digest, description: descriptionOf(more) }, this.now)
    await this.report(meta.name)
    await this.remove('remove-meta')
    return digest
  }

  /** Starts a build as a person would. */
  async start(pipeline = 'todo', key?: string): Promise<Build> {
    this.#requests += 1
    const requestId = `by-a-person-${this.#requests}`
    const wanted = { requestId, commit: commitOf(1), ref: main, info, resolutions: [builtBy(pipeline, key)] }
    const [build] = await this.ports.builds.start(pipeline.split('/')[0] ?? '', wanted, 'Ann', this.now)
    if (build === undefined) throw new Error('nothing was started')
    return build
  }

  /** A registered repository with a build in the queue, its version ready. Its first commit is left to be resolved. */
  async queue(more: Parameters<typeof descriptionOf>[0] = {}): Promise<Build> {
    await this.register()
    const { pipeline, number } = await this.start()
    await this.assemble(more)
    return this.ports.builds.get(pipeline, number)
  }

  /** Hands the next attempt to Marathon. */
  async place(kind: 'place-build' | 'place-meta' = 'place-build'): Promise<PlacePayload> {
    const work = await this.take(kind)
    await this.done(work, { refused: null })
    return work.payload
  }

  /** Hands the next attempt to Marathon, whose process claims it. */
  async run(
    kind: 'place-build' | 'place-meta' = 'place-build',
    more: Partial<Claim> = {},
  ): Promise<{ name: AttemptName; placed: PlacePayload; answer: ClaimAnswer }> {
    const placed = await this.place(kind)
    const answer = await this.ports.attempts.claim(claimOf(placed, more), this.now)
    return { name: nameOf(placed), placed, answer }
  }

  /** A running attempt of a first build. */
  async running(more: Parameters<typeof descriptionOf>[0] = {}) {
    await this.queue(more)
    return this.run()
  }

  plan(name: AttemptName): Promise<number> {
    return this.events(name, 0, { type: 'plan', at: this.now.toISOString(), steps })
  }

  events(name: AttemptName, from: number, ...events: PipelineEvent[]): Promise<number> {
    return this.ports.attempts.addEvents(name, { from, events }, 'process', this.now)
  }

  step(step: string, status: Extract<PipelineEvent, { type: 'step' }>['status'], more: object = {}): PipelineEvent {
    return { type: 'step', at: this.now.toISOString(), step, status, ...more }
  }

  report(name: AttemptName, more: Partial<Result> = {}): Promise<void> {
    const result: Result = { status: 'success', reason: null, events: 0, outputs: {}, ...more }
    return this.ports.attempts.report(name, result, this.now)
  }

  /** Marathon says that a task, or with `null` the app, ended. */
  end(name: AttemptName, taskId: string | null = null, state = 'TASK_FAILED'): Promise<void> {
    return this.ports.attempts.end(name, { taskId, state, message: 'it ended' }, this.now)
  }

  /** The next app that has to go is gone. */
  async remove(kind: 'remove-build' | 'remove-meta' = 'remove-build') {
    const work = await this.take(kind)
    await this.done(work, {})
    return work.payload
  }

  build({ pipeline, number }: Pick<AttemptName, 'pipeline' | 'number'>): Promise<BuildDetail> {
    return this.ports.builds.get(pipeline, number)
  }
}

export const nameOf = ({ pipeline, number, attempt }: AttemptName): AttemptName => ({ pipeline, number, attempt })
