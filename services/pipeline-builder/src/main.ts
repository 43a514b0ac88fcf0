import { createMarathonClient } from '@baton/marathon'
import { createLog, openGraphite, orExit, serve, trackRequestIds } from '@baton/service-kit'
import { createStateClient } from '@baton/state-client'
import { startApp } from './app.ts'
import { readConfig } from './config.ts'
import { openToolchain } from './toolchain/toolchain.ts'

const config = await orExit(() => readConfig(process.env, process.argv.slice(2)))
const log = createLog({ service: 'pipeline-builder', level: config.logLevel })
const toolchain = await orExit(() => openToolchain(config.toolchainDir))
const requestId = trackRequestIds()
const state = createStateClient({ url: config.stateUrl, token: config.token, requestId })
const marathon = createMarathonClient({
  url: config.marathonUrl,
  requestId,
  ...(config.marathonUser === undefined ? {} : { user: config.marathonUser }),
  ...(config.marathonPassword === undefined ? {} : { password: config.marathonPassword }),
})
const { service, components } = startApp({ config, version: '0.1.0', log, state, marathon, toolchain })
await serve(service, {
  ...config,
  log,
  components: [
    { name: 'state-client', close: () => state.close() },
    ...openGraphite(service, config, log),
    ...components,
  ],
})
