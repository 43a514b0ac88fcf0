import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimFolder, openGit } from '@baton/git'
import { createMarathonClient } from '@baton/marathon'
import { createLog, openGraphite, orExit, serve, trackRequestIds } from '@baton/service-kit'
import { createStateClient } from '@baton/state-client'
import { workOwner } from '@baton/work'
import description from '../package.json' with { type: 'json' }
import { startApp } from './app.ts'
import { readConfig } from './config.ts'

const config = await orExit(() => readConfig(process.env, process.argv.slice(2)))
const log = createLog({ service: 'pipeline-spawner', level: config.logLevel })
const dataDir = config.dataDir ?? process.env['MESOS_SANDBOX'] ?? join(tmpdir(), `pipeline-spawner-${process.pid}`)
mkdirSync(dataDir, { recursive: true })

const requestId = trackRequestIds()
const state = createStateClient({ url: config.stateUrl, token: config.serviceToken, requestId })
const marathon = createMarathonClient({
  url: config.marathonUrl,
  requestId,
  ...(config.marathonUser && { user: config.marathonUser }),
  ...(config.marathonPassword && { password: config.marathonPassword }),
})
const { service, components } = startApp({
  config,
  log,
  version: description.version,
  owner: workOwner(),
  state,
  marathon,
  git: openGit({ allowLocal: config.allowLocalGit, homeDir: join(dataDir, 'git-home') }),
  mirrorsDir: claimFolder(join(dataDir, 'mirrors')),
})

await serve(service, {
  host: config.host,
  port: config.port,
  unhealthyMs: config.unhealthyMs,
  drainMs: config.drainMs,
  log,
  components: [
    { name: 'state-client', close: state.close },
    { name: 'marathon-client', close: marathon.close },
    ...openGraphite(service, config, log),
    ...components,
  ],
})
