import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildId, isBatonError, isMetaPipeline, isOver } from '@baton/model'
import type { Build, StateClient } from '@baton/state-client'
import { listBuildsOf, tellBuild } from '../platform/builds.ts'
import type { GitRepository, Moved } from '../platform/git-repository.ts'
import { sendHook } from '../platform/hook.ts'
import type { Platform } from '../platform/platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import type { Asked, Pushed } from './facts.ts'
import { listAllBuilds } from './list-all.ts'
import { patiently } from './patiently.ts'
import { attemptOf, kill } from './victims.ts'
import { type Work, witnessPipeline, workFiles } from './witness.ts'

/** A registered repository whose pipeline leaves witness lines. */
export interface Witnessed {
  readonly slug: string
  readonly git: GitRepository
  readonly hookSecret: string
}

export interface PushOptions extends Partial<Work> {
  /** Changes the pipeline's own code, so that a meta-build is needed. */
  readonly newVersion?: boolean
}

export interface RegisterOptions {
  /** Of a server of the repositories; file:// unless given. */
  readonly baseUrl?: string
  /** What a sweep makes entries of. */
  readonly every?: 'head' | 'commit'
}

const quick: Work = { lines: 6, pauseS: 0 }
const settleMaxMs = 120_000
const settlePauseMs = 400

/**
 * What people and forges do to a platform under fire, with everything noted that has to be found again afterwards. As a
 * forge does, it tells each push until it is acknowledged.
 */
export class Scene {
  readonly platform: Platform
  readonly witnessFile: string
  readonly pushed: Pushed[] = []
  readonly asked: Asked[] = []
  readonly killed = new Set<string>()
  readonly ordered = new Set<string>()
  /** Lines that each step of a commit's build prints. */
  readonly lines = new Map<string, number>()
  #edition = 1

  constructor(platform: Platform) {
    this.platform = platform
    this.witnessFile = join(platform.folders.shared, 'witness')
  }

  /** Registers a new repository, trying until it is there. Its head is a push like any other. */
  async register(name: string, { baseUrl, every }: RegisterOptions = {}): Promise<Witnessed> {
    const { builder, state } = this.platform
    const git = await this.platform.git(name, { ...witnessPipeline(this.witnessFile), ...workFiles(quick) }, baseUrl)
    const [head] = git.takeMoves()
    await patiently(`${name} to be registered`, () =>
      builder.register({ url: git.url, slug: name, every }).catch((error: unknown) => {
        // The answer to an earlier try was lost.
        if (!isBatonError(error, 'REPOSITORY_EXISTS')) throw error
      }),
    )
    if (head !== undefined) this.#note(name, head, quick)
    return { slug: name, git, hookSecret: await patiently('the hook secret', () => state.getHookSecret(name)) }
  }

  /** Commits and pushes, and tells nobody. */
  async commit({ slug, git }: Witnessed, options: PushOptions = {}): Promise<Moved & { after: string }> {
    const work = { ...quick, ...options }
    const pipeline = options.newVersion ? witnessPipeline(this.witnessFile, ++this.#edition) : {}
    const after = await git.commit({ ...pipeline, ...workFiles(work) })
    const [moved] = git.takeMoves()
    if (moved === undefined) throw new Error(`nothing of ${slug} moved`)
    this.#note(slug, moved, work)
    return { ...moved, after }
  }

  /** Tells a service of a push, again and again until it is acknowledged. */
  async tell({ slug, hookSecret: secret }: Witnessed, moved: Moved, hookUrl: string): Promise<void> {
    await patiently(`the hook of ${slug} to be acknowledged`, async () => {
      const { status, text } = await sendHook(hookUrl, slug, moved, { secret, delivery: moved.after ?? 'deleted' })
      if (status !== 200) throw new Error(`answered ${status}: ${text}`)
    })
  }

  /** A commit, pushed and told. */
  async push(to: Witnessed, options: PushOptions = {}, hookUrl = this.platform.file.spawnerUrl): Promise<string> {
    const moved = await this.commit(to, options)
    await this.tell(to, moved, hookUrl)
    return moved.after
  }

  /** The build of a commit, once there is one. */
  async findBuild(pipeline: string, commit: string): Promise<Build> {
    return await waitFor<Build>(`a build of ${pipeline}`, settleMaxMs, async () => {
      const [build] = await listBuildsOf(this.platform.state, pipeline, commit).catch(() => [])
      return build ?? notYet('none')
    })
  }

  /** Waits until the newest commit of a repository is built, and its app gone. */
  async isBuilt({ slug }: Witnessed): Promise<void> {
    const { commit } = this.pushed.findLast(({ repository }) => repository === slug) ?? { commit: '' }
    const { number } = await this.findBuild(slug, commit)
    await waitFor<true>(`${buildId(slug, number)} to be over and gone`, settleMaxMs, async () => {
      const build = await this.platform.state.getBuild(slug, number).catch(() => undefined)
      if (build === undefined) return notYet('no answer')
      return (
        (isOver(build.status) && build.attempts.every(({ removedAt }) => removedAt !== null)) ||
        notYet(tellBuild(build))
      )
    })
  }

  /** Kills a run-once process and notes whose it was. */
  killPipeline(process: Parameters<typeof kill>[0]): void {
    // Noted first: the build may be lost from that moment on.
    this.killed.add(attemptOf(process))
    kill(process)
  }

  /** Waits until everything that was pushed or asked for is built, over and removed. */
  async settles(limitMs = settleMaxMs): Promise<void> {
    const { state, serviceToken } = this.platform
    const service = state.withToken(serviceToken)
    await waitFor<true>('everything to be over', limitMs, async () => {
      const seen = await this.#findOpen(service).catch((error: unknown) => String(error))
      // Reading all of it costs the platform what it would do its work with.
      if (seen !== undefined) await pause(settlePauseMs)
      return seen === undefined || notYet(seen)
    })
  }

  async #findOpen(state: StateClient): Promise<string | undefined> {
    const builds = await listAllBuilds(state)
    const open = builds.filter(({ status }) => !isOver(status))
    if (open[0] !== undefined) return `${open.length} not over: ${await tell(state, open[0])}`
    const wanted = this.pushed.length + this.asked.length
    const found = builds.filter(({ pipeline }) => !isMetaPipeline(pipeline)).length
    if (found < wanted) return `${found} of ${wanted} builds`
    for (const lane of ['build', 'meta'] as const) {
      const [first] = await state.listOpenAttempts(lane)
      if (first !== undefined) return `${first.appId} not removed`
    }
    return undefined
  }

  #note(repository: string, { ref, after }: Moved, { lines }: Work): void {
    if (after === null) return
    this.pushed.push({ repository, ref, commit: after })
    this.lines.set(after, lines)
  }
}

async function tell(state: StateClient, { pipeline, number }: Build): Promise<string> {
  return `${buildId(pipeline, number)} ${tellBuild(await state.getBuild(pipeline, number))}`
}
