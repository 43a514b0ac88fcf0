import { join } from 'node:path'
import { claimFolder, openGit } from '@baton/git'
import { registerHooks, startSweeper } from '@baton/intake'
import type { Marathon } from '@baton/marathon'
import { startRunOnce } from '@baton/run-once'
import { type Clock, type Component, createService, type Log, type Service, systemClock } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'
import { workOwner } from '@baton/work'
import { type Config, readConfig } from './config.ts'
import { createAuthorize } from './http/caller.ts'
import { addRepositoryRoutes } from './http/repositories.ts'
import { addToolchainRoute } from './http/toolchain.ts'
import { startMirrorCare } from './register/mirror-care.ts'
import { startResolver } from './resolve/start-resolver.ts'
import { statusDetails } from './status.ts'
import { announceMetaPipeline } from './toolchain/announce.ts'
import type { Toolchain } from './toolchain/toolchain.ts'
import { KnownVersions } from './versions/known-versions.ts'
import { VersionReader } from './versions/read-versions.ts'

export interface AppParts {
  readonly config: Config
  readonly version: string
  readonly log: Log
  /** With the service token. */
  readonly state: StateClient
  readonly marathon: Marathon
  readonly toolchain: Toolchain
  readonly clock?: Clock
}

/** The whole service: routes, and everything that takes work. It listens to nothing. */
export function startApp(parts: AppParts): { service: Service; components: Component[] } {
  const { config, log, state, marathon, toolchain, clock = systemClock } = parts
  const git = openGit({ allowLocal: config.allowLocalGit, homeDir: join(config.dataDir, 'git-home') })
  const mirrorsDir = claimFolder(join(config.dataDir, 'mirrors'))
  const owner = workOwner()
  const shared = { state, git, mirrorsDir, log, owner, clock }
  const reading = { reader: new VersionReader(toolchain.digest), versions: new KnownVersions(state) }

  const service = createService({
    name: 'pipeline-builder',
    version: parts.version,
    log,
    config: readConfig.shown(config),
    clock,
    ...(config.openReads ? {} : { authorize: createAuthorize(state, config.token) }),
  })
  registerHooks(service, { state, log, clock })
  addRepositoryRoutes(service, { ...shared, ...reading })
  addToolchainRoute(service, toolchain)

  const announcement = announceMetaPipeline(state, toolchain, log)
  const sweeper = startSweeper({ ...shared, concurrency: config.sweepersMax })
  const resolver = startResolver({ ...shared, ...reading, concurrency: config.resolversMax })
  const runOnce = startRunOnce({
    ...shared,
    lane: 'meta',
    marathon,
    installation: config.installation,
    settings: {
      taskStateUrl: config.taskStateUrl ?? config.stateUrl,
      buildUser: config.buildUser,
      allowLocalGit: config.allowLocalGit,
      crashDir: config.crashDir,
    },
    extraFetch: () => [toolchainFetch(config, toolchain)],
  })
  const status = { state, marathon, mirrorsDir, sweeper, resolver, runOnce, announced: announcement.announced }
  for (const detail of statusDetails(status)) service.kit.addStatusDetail(detail)

  const care = startMirrorCare(state, mirrorsDir, log)
  // Work is given back as soon as connections drain, so that another instance goes on with it.
  service.kit.onStopping(() => void Promise.all([resolver.stop(), sweeper.stop(), runOnce.stop()]))

  const components: Component[] = [
    { name: 'mirror-care', close: () => care.stop() },
    { name: 'meta-pipeline', close: () => announcement.stop() },
    { name: 'run-once', close: () => runOnce.stop() },
    { name: 'sweeper', close: () => sweeper.stop() },
    { name: 'resolver', close: () => resolver.stop() },
  ]
  return { service, components }
}

// Its address holds its digest, so an agent may keep it for ever.
function toolchainFetch(config: Config, { digest }: Toolchain) {
  const uri = `${config.taskBuilderUrl.replace(/\/+$/, '')}/toolchain/${digest}.tgz`
  return { uri, extract: true, executable: false, cache: true }
}
