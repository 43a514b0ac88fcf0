import { isBatonError } from '@baton/model'
import type { PlacePayload, Work } from '@baton/state-client'
import { expect } from 'vitest'
import type { AttemptName } from '../attempts/attempt-store.ts'
import { builtBy, claimOf, commitOf, descriptionOf, hourMs, keyFor, minuteMs, secondMs, taskOf } from './samples.ts'
import { nameOf, type Scene } from './stage.ts'

/** What may be said to whoever does the wrong thing, or the right one too late. Anything else is a bug. */
const noes = [
  ...['WORK_MOVED_ON', 'WORK_UNKNOWN', 'ATTEMPT_FENCED', 'CLAIM_TAKEN', 'BUILD_KILLED', 'CLAIM_TOO_EARLY'],
  ...['BUILD_OVER', 'VERSION_READY', 'VERSION_FOREIGN', 'REPOSITORY_UNKNOWN', 'REPOSITORY_EXISTS', 'EVENTS_GAP'],
]
type Lane = 'build' | 'meta'
type PlaceKind = `place-${Lane}`
type RemoveKind = `remove-${Lane}`
type Held = { lane: Lane; work: Work }

/**
 * For tests: services, processes and people that do anything at any time, in any order, twice, and too late. They know
 * what they were told, as real ones do, and what is really running: see `alive`.
 */
export class WildServices {
  readonly scene: Scene
  /** Processes that claimed and did not end yet, by their attempt: what runs, whatever the store thinks of it. */
  readonly alive = new Map<string, AttemptName>()
  /** Apps that Marathon took, and that were not deleted since. */
  readonly apps = new Set<string>()
  /** Builds whose process reported success, and was heard. */
  readonly succeeded = new Set<string>()
  readonly #placing: Held[] = []
  readonly #removing: Held[] = []
  readonly #posted: { lane: Lane; payload: PlacePayload }[] = []
  readonly #claimed: { lane: Lane; name: AttemptName; payload: PlacePayload }[] = []
  /** The nonce that each attempt was claimed with. */
  readonly #winners = new Map<string, string>()
  readonly #reported = new Set<string>()
  #head = 1

  constructor(scene: Scene) {
    this.scene = scene
  }

  /** What can happen, by its name; `n` and `m` choose with whom and how. */
  readonly acts = {
    push: async () => {
      await this.scene.push(commitOf(this.#head), commitOf(this.#head + 1))
      this.#head += 1
    },
    resolve: async (n: number) => {
      const work = await this.scene.findWork('resolve', `resolver-${n % 2}`)
      const resolutions = n % 3 === 0 ? [builtBy('todo')] : [builtBy('todo'), builtBy('todo/deploy')]
      if (work !== undefined) await this.scene.done(work, { info: null, resolutions, whole: null })
    },
    start: async (n: number) => void (await this.scene.start(n % 2 === 0 ? 'todo' : 'todo/deploy')),
    takePlacing: async (n: number, m: number) => {
      const lane = laneOf(n)
      const work = await this.scene.findWork<PlaceKind>(`place-${lane}`, `placer-${m % 3}`)
      if (work === undefined) return
      this.#placing.push({ lane, work })
      this.#posted.push({ lane, payload: work.payload })
    },
    placed: async (n: number) => {
      const held = pick(this.#placing, n)
      if (held === undefined) return
      await this.#done(held, { refused: null })
      this.apps.add(keyOf(nameOf(held.work.payload as PlacePayload)))
    },
    refused: async (n: number) => {
      const held = pick(this.#placing, n)
      if (held && n % 3 === 0) await this.#done(held, { refused: 'no room' })
    },
    givenBack: async (n: number, m: number) => {
      const { id, epoch } = pick([...this.#placing, ...this.#removing], n)?.work ?? {}
      if (id === undefined || epoch === undefined) return
      await this.scene.ports.work.release(id, epoch, pick([0, 5 * secondMs], m) ?? 0, 'away', this.scene.now)
    },
    claim: async (n: number, m: number) => {
      const posted = pick(this.#posted, n)
      if (posted) await this.#claim(posted, m % 3)
    },
    events: async (n: number, m: number) => {
      const { name } = pick(this.#claimed, n) ?? {}
      if (name === undefined) return
      if (m % 2 === 0) await this.scene.plan(name)
      else await this.scene.events(name, 1, this.scene.step('1', m % 4 === 1 ? 'running' : 'success'))
      this.#isHeardAlive(name)
    },
    output: async (n: number) => {
      const { name } = pick(this.#claimed, n) ?? {}
      if (name === undefined) return
      await this.scene.ports.outputs.append(name, '1', 0, Buffer.from('a'), 'process', this.scene.now)
      this.#isHeardAlive(name)
    },
    publish: async (n: number) => {
      const { name } =
        pick(
          this.#claimed.filter(({ lane }) => lane === 'meta'),
          n,
        ) ?? {}
      if (name) await this.#publish(name)
    },
    report: async (n: number, m: number) => {
      const { name } = pick(this.#claimed, n) ?? {}
      if (name) await this.#report(name, pick(['success', 'failure', 'killed', 'timed-out'] as const, m) ?? 'success')
    },
    ended: async (n: number, m: number) => {
      const { payload } = pick(this.#posted, n) ?? {}
      if (payload === undefined) return
      const name = nameOf(payload)
      // Marathon tells the truth: a task whose process runs has not ended, unless it is made to.
      const taskId = pick([taskOf(payload.appId), taskOf(payload.appId, 2), null], m) ?? null
      if (taskId !== taskOf(payload.appId, 2)) this.alive.delete(keyOf(name))
      await this.scene.end(name, taskId)
    },
    takeRemoval: async (n: number, m: number) => {
      const lane = laneOf(n)
      const work = await this.scene.findWork<RemoveKind>(`remove-${lane}`, `remover-${m % 3}`)
      if (work === undefined) return
      this.#removing.push({ lane, work })
      // Its app is deleted now; that it and its processes are gone is told later.
      this.apps.delete(keyOf(nameOf(work.payload)))
    },
    removed: async (n: number) => {
      const held = pick(this.#removing, n)
      if (held === undefined) return
      this.alive.delete(keyOf(held.work.payload as unknown as AttemptName))
      await this.#done(held, {})
    },
    kill: async (n: number) => {
      const { pipeline, number } = pick(await this.scene.ports.builds.list({ limit: 100 }), n) ?? {}
      if (pipeline && number && n % 2 === 0)
        await this.scene.ports.builds.kill(pipeline, number, 'Ann', '', this.scene.now)
    },
    retrigger: async (n: number) => {
      const { pipeline, number } = pick(await this.scene.ports.builds.list({ limit: 100 }), n) ?? {}
      if (pipeline && number) await this.scene.ports.builds.retrigger(pipeline, number, 'Ann', this.scene.now)
    },
    watch: async (n: number) => this.scene.ports.work.watch(new Date(n % 3 === 0 ? this.scene.now : 0), this.scene.now),
    time: async (n: number) =>
      void this.scene.pass(pick([1, 10 * secondMs, 31 * secondMs, 17 * minuteMs, 31 * minuteMs, 3 * hourMs], n) ?? 1),
    tidy: async () => this.scene.ports.work.tidy(this.scene.now),
    remove: async (n: number) => {
      if (n % 8 === 0) await this.scene.ports.repositories.remove('todo', 'Bob', this.scene.now)
    },
    register: async () => {
      await this.scene.register({ heads: [{ ref: 'refs/heads/main', head: commitOf(this.#head) }] })
    },
  }

  /** Acts; a no that may be said is taken as one. */
  async act(name: keyof WildServices['acts'], n: number, m: number): Promise<void> {
    try {
      await this.acts[name](n, m)
    } catch (error) {
      if (!isBatonError(error) || !noes.includes(error.code)) throw error
    }
  }

  /** From now on everybody does his work at once and well, until nothing is left to do. */
  async calmDown(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 3; rounds += 1) {
      if (rounds > 300) throw new Error('there is work without end')
      this.scene.pass(17 * minuteMs)
      await this.scene.ports.work.watch(new Date(0), this.scene.now)
      quiet = (await this.#workOff()) === 0 ? quiet + 1 : 0
    }
  }

  async #workOff(): Promise<number> {
    let count = 0
    const kinds = ['remove-build', 'remove-meta', 'resolve', 'place-build', 'place-meta'] as const
    for (;;) {
      const work = await this.scene.ports.work.take(kinds, 'calm', this.scene.now)
      if (work === undefined) return count
      count += 1
      await this.#workWell(work)
    }
  }

  async #workWell(work: Work): Promise<void> {
    const done = (outcome: unknown) => this.scene.ports.work.done(work.id, work.epoch, outcome, this.scene.now)
    if (work.kind === 'resolve') return done({ info: null, resolutions: [builtBy('todo')], whole: null })
    if (work.kind === 'remove-build' || work.kind === 'remove-meta') {
      this.apps.delete(keyOf(work.payload))
      this.alive.delete(keyOf(work.payload))
      return done({})
    }
    if (work.kind !== 'place-build' && work.kind !== 'place-meta') throw new Error(`nobody asked for ${work.kind}`)
    await done({ refused: null })
    const name = nameOf(work.payload)
    this.apps.add(keyOf(name))
    const { status } = await this.scene.build(name)
    // Somebody claimed it before it was handed out once more; he is watched.
    if (status !== 'placing') return
    await this.#claim({ lane: work.kind === 'place-meta' ? 'meta' : 'build', payload: work.payload }, 0)
    if (work.kind === 'place-meta') await this.#publish(name)
    await this.#report(name, 'success')
  }

  async #done({ work }: Held, outcome: unknown): Promise<void> {
    await this.scene.ports.work.done(work.id, work.epoch, outcome, this.scene.now)
  }

  /** The heart of it: whoever is let in starts to run, and nobody of the same build may be running then. */
  async #claim({ lane, payload }: { lane: Lane; payload: PlacePayload }, process: number): Promise<void> {
    const name = nameOf(payload)
    const nonce = String(process).repeat(32)
    const wanted = claimOf(payload, { nonce, taskId: taskOf(payload.appId) })
    await this.scene.ports.attempts.claim(wanted, this.scene.now)
    expect(this.#winners.get(keyOf(name)) ?? nonce, `who claimed ${keyOf(name)}`).toBe(nonce)
    this.#winners.set(keyOf(name), nonce)
    const others = [...this.alive.values()].filter(
      (one) => one.pipeline === name.pipeline && one.number === name.number && one.attempt !== name.attempt,
    )
    expect(others, `attempts that run while ${keyOf(name)} is let in`).toEqual([])
    this.alive.set(keyOf(name), name)
    this.#claimed.push({ lane, name, payload })
  }

  async #publish(name: AttemptName): Promise<void> {
    const { versions } = this.scene.ports
    const key = keyFor(name.pipeline.slice(1))
    const digest = await versions.putBundle(name, key, Buffer.from(`bundle of ${key}`), this.scene.now)
    await versions.publish(name, key, { digest, description: descriptionOf({ attemptsMax: 2 }) }, this.scene.now)
  }

  async #report(name: AttemptName, status: 'success' | 'failure' | 'killed' | 'timed-out'): Promise<void> {
    await this.scene.report(name, { status })
    // Told again, it was heard the first time.
    if (this.#reported.has(keyOf(name))) return
    this.#isHeardAlive(name)
    this.#reported.add(keyOf(name))
    this.alive.delete(keyOf(name))
    if (status === 'success') this.succeeded.add(`${name.pipeline}#${name.number}`)
  }

  /** Only of who runs anything is accepted. */
  #isHeardAlive(name: AttemptName): void {
    expect(this.alive.has(keyOf(name)), `${keyOf(name)} is dead, and was heard`).toBe(true)
  }
}

const keyOf = ({ pipeline, number, attempt }: AttemptName): string => `${pipeline}#${number}.${attempt}`

const laneOf = (n: number): Lane => (n % 3 === 0 ? 'meta' : 'build')

/** One of the last few: what is long over happens less. */
function pick<T>(list: readonly T[], n: number): T | undefined {
  const recent = list.slice(-recentMax)
  return recent[n % recent.length]
}

const recentMax = 8
