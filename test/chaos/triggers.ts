import { rename } from 'node:fs/promises'
import { isBatonError } from '@baton/model'
import { sendHook } from '../platform/hook.ts'
import { waitUntil } from '../platform/wait-for.ts'
import type { Gate } from './gate.ts'
import { patiently } from './patiently.ts'
import type { Scene, Witnessed } from './scene.ts'
import { attemptOf, kill, listVictims, send, type Victim } from './victims.ts'

/** The repositories of a kill matrix. */
export interface Cast {
  readonly main: Witnessed
  /** Whose pushes nobody tells of; each of its commits counts. */
  readonly quiet: Witnessed
  /** Registered through a gate that can be shut. */
  readonly behindGate: Witnessed
  readonly gate: Gate
}

export type TriggerName =
  | ('push' | 'quietPush' | 'newVersion' | 'nothing' | 'restartMarathon')
  | ('restartController' | 'restartBuilder')
  | ('register' | 'unregister' | 'start' | 'kill' | 'retrigger' | 'setSecret' | 'addToken')
  | ('stalledRemote' | 'awayRemote' | 'killStopped')

/**
 * Does something that leads a process past the point. Hooks are sent to `hookUrl`.
 * @returns what ends it, if it has to be ended
 */
export type Trigger = (hookUrl: string) => Promise<(() => void | Promise<void>) | undefined>

const long = { lines: 300, pauseS: 0.2 }
const runningMaxMs = 30_000

/** What makes the platform come by its crash points. Each may be done any number of times. */
export function triggersOf(
  scene: Scene,
  { main, quiet, behindGate, gate }: Cast,
): Readonly<Record<TriggerName, Trigger>> {
  const { platform } = scene
  const { builder, state } = platform
  const extras: Witnessed[] = []
  let count = 0

  /** A commit that is built in a moment, as those of a kill are not. */
  const firstCommit = (): string => scene.pushed.find(({ repository }) => repository === main.slug)?.commit ?? ''

  async function lookAt({ slug, git }: Witnessed, hookUrl: string): Promise<void> {
    await patiently('an unsigned hook to be heard', async () => {
      const moved = { ref: 'refs/heads/main', before: null, after: await git.git('rev-parse', 'HEAD') }
      const { status } = await sendHook(hookUrl, slug, moved)
      if (status !== 202) throw new Error(`answered ${status}`)
    })
  }

  /** What is only done at a start. */
  async function restart(victim: Victim): Promise<undefined> {
    for (const one of listVictims(platform, victim)) kill(one)
  }

  /** A build that is in the middle of its steps. @returns its name and its process */
  async function startLong() {
    const commit = await scene.push(main, long)
    const { pipeline, number } = await scene.findBuild(main.slug, commit)
    const prefix = `${pipeline}#${number}.`
    const find = () => listVictims(platform, 'pipeline').find((one) => attemptOf(one).startsWith(prefix))
    await waitUntil(`${prefix} to run a step`, runningMaxMs, async () => {
      const build = await state.getBuild(pipeline, number).catch(() => undefined)
      return build?.steps.some(({ name, status }) => name === 'first' && status === 'running') === true
    })
    return { pipeline, number, process: find() }
  }

  async function order({ pipeline, number }: { pipeline: string; number: number }): Promise<void> {
    scene.ordered.add(`${pipeline}#${number}`)
    await patiently('the order to be heard', () =>
      state.kill(pipeline, number, 'chaos').catch((error: unknown) => {
        // The answer to an earlier try was lost.
        if (!isBatonError(error, 'BUILD_OVER')) throw error
      }),
    )
  }

  return {
    async push(hookUrl) {
      await scene.push(main, {}, hookUrl)
      return undefined
    },
    async newVersion(hookUrl) {
      await scene.push(main, { newVersion: true }, hookUrl)
      return undefined
    },
    nothing: async () => undefined,
    async quietPush(hookUrl) {
      await scene.commit(quiet)
      await lookAt(quiet, hookUrl)
      return undefined
    },
    restartMarathon: () => restart('marathon'),
    restartController: () => restart('controller'),
    restartBuilder: () => restart('builder'),
    async register() {
      extras.push(await scene.register(`extra-${++count}`))
      return undefined
    },
    async unregister() {
      const one = extras.shift() ?? (await scene.register(`extra-${++count}`))
      await scene.isBuilt(one)
      await patiently('a repository to be removed', () =>
        builder.remove(one.slug).catch((error: unknown) => {
          if (!isBatonError(error, 'REPOSITORY_UNKNOWN')) throw error
        }),
      )
      return undefined
    },
    async start() {
      const commit = firstCommit()
      const requestId = `chaos-request-${++count}`
      scene.asked.push({ repository: main.slug, commit })
      await patiently('a build to be started', () => builder.start(main.slug, { commit }, requestId))
      return undefined
    },
    async kill() {
      const build = await startLong()
      await order(build)
      return undefined
    },
    async killStopped() {
      const build = await startLong()
      if (build.process !== undefined) send(build.process, 'SIGSTOP')
      await order(build)
      return undefined
    },
    async retrigger() {
      const { slug } = main
      const commit = firstCommit()
      const first = await scene.findBuild(main.slug, commit)
      const listThem = () => patiently('its builds', () => state.listBuilds({ pipeline: slug, commit }))
      const before = (await listThem()).length
      scene.asked.push({ repository: slug, commit })
      // A retrigger names nothing that would make its repeat the same one: whether it was heard has to be looked at.
      await patiently('a retrigger to be heard', async () => {
        if ((await listThem()).length === before) await state.retrigger(slug, first.number)
      })
      return undefined
    },
    async setSecret() {
      await patiently('a secret to be set', () => state.setSecret(main.slug, 'CHAOS', `value-${++count}-of-chaos`))
      return undefined
    },
    async addToken() {
      const name = `chaos-${++count}`
      await patiently('a token to be there', () =>
        state.addToken({ name, role: 'read' }).catch((error: unknown) => {
          if (!isBatonError(error, 'TOKEN_NAME_TAKEN')) throw error
        }),
      )
      return undefined
    },
    async stalledRemote(hookUrl) {
      const moved = await scene.commit(behindGate)
      gate.shut()
      await scene.tell(behindGate, moved, hookUrl)
      return gate.open
    },
    async awayRemote(hookUrl) {
      const moved = await scene.commit(main)
      const away = `${main.git.path}.away`
      await rename(main.git.path, away)
      await scene.tell(main, moved, hookUrl)
      return () => rename(away, main.git.path)
    },
  }
}
