import { createLog, openGraphite, orExit, serve } from '@baton/service-kit'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createKeys } from './keys/keys.ts'
import { openSqlite } from './sqlite/open-store.ts'

const config = await orExit(() => readConfig(process.env, process.argv.slice(2)))
const log = createLog({ service: 'pipeline-state-controller', level: config.logLevel })
const keys = createKeys(config.masterKey, config.installation)
const ports = await orExit(() => openSqlite({ ...config, keys, settings: config, log, now: new Date() }))
const { service, components } = await createApp({ config, version: '0.1.0', log, ports })
await serve(service, {
  ...config,
  log,
  components: [{ name: 'database', close: () => ports.close() }, ...openGraphite(service, config, log), ...components],
})
