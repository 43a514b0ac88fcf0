import { workKinds } from '@baton/state-client/wire'
import type { Ports } from '../ports.ts'
import { builtBy, claimOf, commitOf, descriptionOf, keyFor, minuteMs } from './samples.ts'
import type { Scene } from './stage.ts'

/** For tests: a command of the store, by the name of its crash points. Sent after the one before was acknowledged. */
type Step = readonly [command: string, send: (scene: Scene) => Promise<unknown>]

const key = keyFor('todo')
const todo = { pipeline: 'todo', number: 1, attempt: 1 }
const meta = { pipeline: '~todo', number: 1, attempt: 1 }
const second = { ...todo, attempt: 2 }

/** One build from its push to its end, by way of a lost attempt and a kill: every durable command at least once. */
export function createLife(): readonly Step[] {
  const bundle = Buffer.from('export default 1')
  const take = (kind: (typeof workKinds)[number]): Step => [
    'take',
    async (scene) => {
      work = (await scene.take(kind)) as typeof work
    },
  ]
  const done = (command: string, outcome: unknown): Step => [
    command,
    ({ ports, now }) => ports.work.done(work.id, work.epoch, outcome, now),
  ]
  let work: { id: string; epoch: number; payload: Parameters<typeof claimOf>[0] }
  let digest = ''
  const claim: Step = ['claim', ({ ports, now }) => ports.attempts.claim(claimOf(work.payload), now)]
  const placed = done('placed', { refused: null })
  return [
    ['register', (scene) => scene.register()],
    ['secret', ({ ports, now }) => ports.secrets.set('todo', 'TOKEN', 'hush', now)],
    ['token', ({ ports, now }) => ports.tokens.add({ name: 'Ann', role: 'admin' }, now)],
    ['deliver', (scene) => scene.push(commitOf(1), commitOf(2), { id: 'one' })],
    ['look', ({ ports, now }) => ports.ledger.look('todo', now)],
    take('sweep'),
    done('observe', { observed: [], failure: 'the forge is away' }),
    take('resolve'),
    ['renew', ({ ports, now }) => ports.work.renew(work.id, work.epoch, now)],
    ['release', ({ ports, now }) => ports.work.release(work.id, work.epoch, 0, 'the forge is away', now)],
    take('resolve'),
    done('resolve', { info: null, resolutions: [builtBy('todo')], whole: null }),
    ['start', (scene) => scene.start('todo/deploy')],
    ['settings', (scene) => scene.putMetaPipeline()],
    take('place-meta'),
    placed,
    claim,
    ['seen', ({ ports, now }) => ports.attempts.see(meta, now)],
    [
      'bundle',
      async ({ ports, now }) => {
        digest = await ports.versions.putBundle(meta, key, bundle, now)
      },
    ],
    [
      'publish',
      ({ ports, now }) =>
        ports.versions.publish(meta, key, { digest, description: descriptionOf({ attemptsMax: 2 }) }, now),
    ],
    ['result', (scene) => scene.report(meta)],
    take('remove-meta'),
    done('removed', {}),
    take('place-build'),
    placed,
    claim,
    ['events', (scene) => scene.plan(todo)],
    ['output', ({ ports, now }) => ports.outputs.append(todo, '1', 0, Buffer.from('hello\n'), 'process', now)],
    ['ended', (scene) => scene.end(todo)],
    take('remove-build'),
    done('removed', {}),
    take('place-build'),
    placed,
    claim,
    ['kill', ({ ports, now }) => ports.builds.kill('todo', 1, 'Ann', 'wrong', now)],
    ['watch', (scene) => scene.ports.work.watch(new Date(0), scene.pass(10 * minuteMs))],
    take('remove-build'),
    done('removed', {}),
    ['retrigger', ({ ports, now }) => ports.builds.retrigger('todo', 1, 'Ann', now)],
    ['unregister', ({ ports, now }) => ports.repositories.remove('todo', 'Bob', now)],
    ['tidy', (scene) => scene.ports.work.tidy(scene.pass(10 * minuteMs))],
  ]
}

/** Everything that can be seen of a store at a moment. */
export async function snapshot({ repositories, secrets, ledger, builds, ...ports }: Ports, now: Date): Promise<object> {
  const registered = await repositories.list()
  const list = await builds.list({ limit: 1_000 })
  const range = { offset: 0, limitBytes: 1_000 }
  const output = async (attempt: typeof todo) => {
    const piece = await ports.outputs.read(attempt, '1', range).catch(({ code }: { code: string }) => code)
    return typeof piece === 'string' ? piece : piece.bytes.toString()
  }
  return {
    registered,
    secrets: await Promise.all(registered.map(({ slug }) => secrets.listNames(slug))),
    entries: await ledger.listEntries({ limit: 1_000 }),
    builds: await Promise.all(list.map(({ pipeline, number }) => builds.get(pipeline, number))),
    pipelines: await builds.listPipelines(),
    versions: await ports.versions.lookup([key, keyFor('todo/deploy')]),
    open: [...(await ports.attempts.listOpen('build')), ...(await ports.attempts.listOpen('meta'))],
    outputs: [await output(todo), await output(second)],
    tokens: (await ports.tokens.list(now)).map(({ name }) => name),
    events: await ports.events.since(0, 10_000),
    // The next sweep is due at a moment that chance decides.
    due: await Promise.all(
      workKinds.filter((kind) => kind !== 'sweep').map((kind) => ports.work.nextDueAt([kind], now)),
    ),
  }
}
