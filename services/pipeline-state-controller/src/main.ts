import { createGraphiteReporter, createLog, serve } from '@baton/service-kit'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { createKeys } from './keys/keys.ts'
import { openSqlite } from './sqlite/open-store.ts'

const config = orEnd(() => readConfig(process.env))
const log = createLog({ service: 'pipeline-state-controller', level: config.logLevel })
const keys = createKeys(config.masterKey, config.installation)
const ports = orEnd(() => openSqlite({ dataDir: config.dataDir, keys, settings: config, log, now: new Date() }))
const { service, components } = await createApp({ config, version: '0.1.0', log, ports })
const reporter = openReporter(config)
await serve(service, {
  ...config,
  log,
  components: [
    { name: 'database', close: () => ports.close() },
    ...(reporter === undefined ? [] : [reporter]),
    ...components,
  ],
})

function openReporter({ graphiteHost, graphitePort, graphitePrefix, graphiteIntervalMs }: Config) {
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

/** Settings and the database are the operator's to mend: a sentence, no stack. */
function orEnd<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
