import type { Marathon } from '@baton/marathon'
import type { Build, BuildDetail, LedgerEntry, StateClient } from '@baton/state-client'
import { type BuilderClient, createBuilderClient } from '../../deploy/builder-client.ts'
import { connectMarathon, connectState } from '../../deploy/local/connect.ts'
import { dataFolder } from '../../deploy/local/data-folder.ts'
import { marathonUser, type PlatformFile } from '../../deploy/local/platform-file.ts'
import { getSecret } from '../../deploy/local/secrets.ts'
import { type BatonEnded, runBaton } from './baton.ts'
import * as builds from './builds.ts'
import type { Folders } from './folders.ts'
import { createGitRepository, type Files, type GitRepository } from './git-repository.ts'
import { isPipeline, listProcessesOfApp, type Process } from './processes.ts'
import { type RegisterOptions, type Repository, registerRepository } from './repository.ts'
import type { RunOptions } from './run.ts'
import { type AskMarathon, marathonAsker, type Services, servicesOf } from './services.ts'
import { notYet, waitFor } from './wait-for.ts'

const goneMaxMs = 30_000

/** A whole platform that runs, and what people and forges do with it. Everything goes through its HTTP interfaces. */
export class Platform {
  readonly folders: Folders
  /** Its addresses, its ports and its installation. */
  readonly file: PlatformFile
  readonly adminToken: string
  readonly serviceToken: string
  /** The State-Controller, as an administrator sees it. */
  readonly state: StateClient
  readonly builder: BuilderClient
  readonly marathon: Marathon
  readonly askMarathon: AskMarathon
  readonly services: Services

  constructor(folders: Folders, file: PlatformFile) {
    const data = dataFolder(folders.data)
    this.folders = folders
    this.file = file
    this.adminToken = getSecret(data.secrets, 'admin-token')
    this.serviceToken = getSecret(data.secrets, 'service-token')
    this.state = connectState(data, file)
    this.builder = createBuilderClient({ url: file.builderUrl, token: this.adminToken })
    this.marathon = connectMarathon(data, file)
    this.askMarathon = marathonAsker(file.marathonUrl, marathonUser, getSecret(data.secrets, 'marathon-password'))
    this.services = servicesOf(this.marathon, this.askMarathon)
  }

  /** A command of the CLI, about this platform. */
  baton(args: readonly string[], options: RunOptions = {}): Promise<BatonEnded> {
    return runBaton(['--data', this.folders.data, ...args], options)
  }

  /** A bare Git repository with a first commit, that nobody registered yet. */
  async git(name: string, files: Files, baseUrl?: string): Promise<GitRepository> {
    const git = await createGitRepository(this.folders.repositories, name, baseUrl)
    await git.commit(files, { message: `first commit of ${name}` })
    return git
  }

  /** A repository with a first commit, registered by its file:// address: its head is built at once. */
  async repository(name: string, files: Files, options: RegisterOptions = {}): Promise<Repository> {
    return await this.register(await this.git(name, files), options)
  }

  register(git: GitRepository, options: RegisterOptions = {}): Promise<Repository> {
    return registerRepository({ builder: this.builder, hookUrl: this.file.spawnerUrl }, git, options)
  }

  /** The build of `commit`, once there is one: of the pipeline `<slug>`, or of the one named. */
  buildOf({ slug }: Pick<Repository, 'slug'>, commit: string, pipeline = slug): Promise<Build> {
    return builds.findBuildOf(this.state, pipeline, commit)
  }

  /** What the ledger says of `commit`, once it is settled. */
  entryOf({ slug }: Pick<Repository, 'slug'>, commit: string): Promise<LedgerEntry> {
    return builds.findEntryOf(this.state, slug, commit)
  }

  /** Waits until a build has this status. @throws "wanted todo#3 killed, last saw running, after 30 s" */
  becomes(build: builds.BuildName, status: Build['status'], limitMs?: number): Promise<BuildDetail> {
    return builds.becomes(this.state, build, status, limitMs)
  }

  stepBecomes(build: builds.BuildName, step: string, status: builds.StepStatus, limitMs?: number) {
    return builds.stepBecomes(this.state, build, step, status, limitMs)
  }

  /** All that a step printed. */
  outputOf(build: BuildDetail, step: string, attempt?: number): Promise<string> {
    return builds.readOutput(this.state, build, step, attempt)
  }

  /** The processes that one attempt of a build has right now. */
  listProcessesOf(build: BuildDetail, attempt = build.attempt): Process[] {
    const appId = build.attempts.find(({ number }) => number === attempt)?.appId
    return appId === undefined ? [] : listProcessesOfApp(appId)
  }

  /** Ends the run-once process of a build as a crash does, and it alone: what it started is left. */
  async killPipelineOf({ pipeline, number }: builds.BuildName): Promise<void> {
    const build = await this.state.getBuild(pipeline, number)
    const own = this.listProcessesOf(build).find(({ command }) => isPipeline(command))
    if (own === undefined) throw new Error(`no pipeline of it runs: ${builds.tellBuild(build)}`)
    process.kill(own.pid, 'SIGKILL')
  }

  /** Waits until Marathon has no app of a build any more, and no process of it lives. */
  isGone({ pipeline, number }: builds.BuildName): Promise<BuildDetail> {
    return waitFor(`nothing of ${pipeline}#${number} on Marathon`, goneMaxMs, async () => {
      const build = await this.state.getBuild(pipeline, number)
      const apps = await this.listAppIds()
      const left = build.attempts.flatMap(({ appId, removedAt }) => [
        ...(apps.includes(appId) ? [`the app ${appId}`] : []),
        ...(removedAt === null ? [`${appId} not recorded as removed`] : []),
        ...listProcessesOfApp(appId).map(({ command }) => `"${command}"`),
      ])
      return left.length === 0 ? build : notYet(left.join(', '))
    })
  }

  /** Every app that Marathon has. */
  async listAppIds(): Promise<string[]> {
    const { json } = await this.askMarathon('GET', '/v2/apps')
    return (json as { apps: { id: string }[] }).apps.map(({ id }) => id)
  }

  close(): void {
    this.state.close()
    this.marathon.close()
  }
}
