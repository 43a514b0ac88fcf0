import { createMarathonClient } from '@baton/marathon'
import { createGraphiteReporter, createLog, serve } from '@baton/service-kit'
import { createStateClient } from '@baton/state-client'
import { startApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { openToolchain } from './toolchain/toolchain.ts'

const config = readSettings()
const log = createLog({ service: 'pipeline-builder', level: config.logLevel })
const toolchain = await openToolchain(config.toolchainDir).catch(end)
const state = createStateClient({ url: config.stateUrl, token: config.token })
const marathon = createMarathonClient({
  url: config.marathonUrl,
  ...(config.marathonUser === undefined ? {} : { user: config.marathonUser }),
  ...(config.marathonPassword === undefined ? {} : { password: config.marathonPassword }),
})
const { service, components } = startApp({ config, version: '0.1.0', log, state, marathon, toolchain })
const reporter = openReporter()
await serve(service, {
  ...config,
  log,
  components: [
    { name: 'state-client', close: () => state.close() },
    ...(reporter === undefined ? [] : [reporter]),
    ...components,
  ],
})

function openReporter() {
  const { graphiteHost, graphitePort, graphitePrefix, graphiteIntervalMs } = config
  if (graphiteHost === undefined) return undefined
  const opened = createGraphiteReporter({
    registry: service.kit.registry,
    log,
    url: `plaintext://${graphiteHost}:${graphitePort}`,
    prefix: graphitePrefix,
    intervalMs: graphiteIntervalMs,
  })
  opened.start()
  return opened
}

/** Settings and toolchain are the operator's to mend: a sentence, no stack. */
function end(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function readSettings(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    return end(error)
  }
}
