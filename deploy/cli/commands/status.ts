import { isBatonError } from '@baton/model'
import type { PipelineRow, Repository } from '@baton/state-client'
import { errors } from '../../errors.ts'
import { connectMarathon } from '../../local/connect.ts'
import { dataFolder } from '../../local/data-folder.ts'
import { appIdOfService, services } from '../../local/definitions.ts'
import { findHolder } from '../../local/lock.ts'
import { findMarathon } from '../../local/marathon-process.ts'
import { findPlatformFile } from '../../local/platform-file.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { lineOfBuild } from '../show-build.ts'

interface ServiceRow {
  readonly id: string
  readonly instances: number
  readonly healthy: number
}

/** What runs, and how the pipelines stand. @returns unreachable if a part of the platform is not healthy */
export async function showStatus(call: Call): Promise<number> {
  const rows = await listServices(call)
  if (rows !== undefined) for (const row of rows) call.terminal.say(lineOfService(row))
  const state = call.state()
  const shown = await Promise.all([state.listRepositories(), state.listPipelines()]).catch((error: unknown) => {
    if (rows !== undefined && isBatonError(error, 'STATE_UNREACHABLE')) return undefined
    throw error
  })
  const [repositories = [], pipelines = []] = (shown ?? []) as [Repository[]?, PipelineRow[]?]
  call.terminal.json({ services: rows ?? null, repositories: repositories.length, pipelines })
  if (shown !== undefined) call.terminal.say(`${repositories.length} repositories, ${pipelines.length} pipelines`)
  for (const { newest } of pipelines) if (newest !== null) call.terminal.say(`  ${lineOfBuild(newest)}`)
  const isWhole =
    shown !== undefined && (rows ?? []).every(({ instances, healthy }) => instances > 0 && healthy >= instances)
  return isWhole ? exitCodes.ok : exitCodes.unreachable
}

/** Prints a link that logs a browser in, once, within ten minutes. */
export async function showLogin(call: Call): Promise<number> {
  const state = call.state()
  const url = `${state.url}${(await state.makeLoginLink()).path}`
  call.terminal.json({ url })
  call.terminal.say(url)
  return exitCodes.ok
}

/** The services as the local Marathon has them; `undefined` when the platform is elsewhere. @throws PLATFORM_STOPPED */
async function listServices(call: Call): Promise<ServiceRow[] | undefined> {
  if (call.isElsewhere) return undefined
  const data = dataFolder(call.dataDir)
  const platform = findPlatformFile(data.root)
  if (platform === undefined) return undefined
  if (findMarathon(data) === undefined) throw errors.PLATFORM_STOPPED({ dir: data.root })
  const holder = findHolder(data.locks)
  call.terminal.tell(holder === undefined ? 'no supervisor (baton up takes over)' : `supervisor: process ${holder.pid}`)
  const marathon = connectMarathon(data, platform)
  const apps = await Promise.all(services.map((service) => marathon.findApp(appIdOfService(service))))
  marathon.close()
  return services.map((service, at) => ({
    id: appIdOfService(service),
    instances: apps[at]?.instances ?? 0,
    healthy: apps[at]?.tasksHealthy ?? 0,
  }))
}

const lineOfService = ({ id, instances, healthy }: ServiceRow): string =>
  `${healthy >= instances && instances > 0 ? '✓' : '✗'} ${id}  ${healthy} of ${instances} healthy`
