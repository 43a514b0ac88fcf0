import type { GitSettings } from '@baton/git'
import { registerHooks, startSweeper } from '@baton/intake'
import type { Marathon } from '@baton/marathon'
import { startRunOnce } from '@baton/run-once'
import { type Clock, type Component, createService, type Log, type Service, systemClock } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'
import { type Config, readConfig } from './config.ts'
import { createAuthorize } from './http/authorize.ts'
import { marathonDetail, runOnceDetail, stateDetail } from './status/details.ts'

export interface AppParts {
  readonly config: Config
  readonly log: Log
  readonly version: string
  /** Names this process to the controller; each process has its own. */
  readonly owner: string
  readonly state: StateClient
  readonly marathon: Marathon
  readonly git: GitSettings
  readonly mirrorsDir: string
  readonly clock?: Clock
}

export interface App {
  readonly service: Service
  readonly components: Component[]
}

/** Wires the spawner: hooks in, work out. Takes work from now on; listens to nothing. */
export function startApp(parts: AppParts): App {
  const { config, log, owner, state, marathon, clock = systemClock } = parts
  const { serviceToken, taskStateUrl, stateUrl, buildUser, allowLocalGit } = config
  const { placersMax, removersMax, killGraceS, crashDir } = config
  const service = createService({
    name: 'pipeline-spawner',
    version: parts.version,
    log,
    config: readConfig.shown(config),
    clock,
    ...(config.openReads ? {} : { authorize: createAuthorize({ serviceToken, state, clock }) }),
  })
  registerHooks(service, { state, log, clock })
  const runOnce = startRunOnce({
    lane: 'build',
    owner,
    state,
    marathon,
    installation: config.installation,
    log,
    clock,
    settings: {
      taskStateUrl: taskStateUrl ?? stateUrl,
      ...{ buildUser, allowLocalGit, placersMax, removersMax, killGraceS, crashDir },
    },
  })
  const { git, mirrorsDir } = parts
  const sweeper = startSweeper({ state, git, mirrorsDir, log, owner, concurrency: config.sweepsMax })
  const details = [stateDetail(state), marathonDetail(marathon, config.marathonUrl, runOnce), runOnceDetail(runOnce)]
  for (const detail of details) service.kit.addStatusDetail(detail)
  // Work is given back as soon as the drain begins, so that another instance goes on with it.
  service.kit.onStopping(() => void runOnce.stop())
  return {
    service,
    components: [
      { name: 'run-once', close: runOnce.stop },
      { name: 'sweeper', close: () => sweeper.stop() },
    ],
  }
}
