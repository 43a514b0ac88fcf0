import { setFlagsFromString } from 'node:v8'
import { defineConfig, flag, integer, oneOf, secret, text } from '@baton/service-kit/config'
import { createLog } from '@baton/service-kit/log'
import { engineVariables } from './containers/engine.ts'
import { memoryCapsWishes } from './settings.ts'
import { type LocalMarathon, startLocalMarathon } from './start.ts'

// Every start of a task copies this process's page tables: the smaller it is, the sooner the task runs. Young objects get
// 1 MB instead of up to 16, which costs nothing that could be measured and saves a third of the memory under load.
setFlagsFromString('--semi-space-growth-factor=1')

const readConfig = defineConfig({
  host: text('MARATHON_HOST', { fallback: '127.0.0.1' }),
  port: integer('MARATHON_PORT', { min: 0, max: 65_535, fallback: 8080 }),
  dataDir: text('MARATHON_DATA', {}),
  sandboxDir: text('MARATHON_SANDBOXES', { fallback: '' }),
  user: text('MARATHON_USER', { fallback: 'marathon' }),
  password: secret('MARATHON_PASSWORD', { optional: true }),
  cpus: integer('MARATHON_CPUS', { min: 0, max: 100_000, fallback: 0 }),
  memMb: integer('MARATHON_MEM', { min: 0, max: 100_000_000, fallback: 0 }),
  diskMb: integer('MARATHON_DISK', { min: 0, max: 1_000_000_000, fallback: 0 }),
  taskLaunchMaxMs: integer('MARATHON_TASK_LAUNCH_TIMEOUT', { min: 100, max: 86_400_000, fallback: 300_000 }),
  memoryCaps: oneOf('MARATHON_MEMORY_CAPS', memoryCapsWishes, { fallback: 'auto' }),
  containerEngine: text('MARATHON_CONTAINER_ENGINE', { fallback: 'auto' }),
  forgetDelays: flag('MARATHON_FORGET_DELAYS', { fallback: false }),
  hostPortsFrom: integer('MARATHON_HOST_PORTS_FROM', { min: 1, max: 65_535, fallback: 31_000 }),
  hostPortsTo: integer('MARATHON_HOST_PORTS_TO', { min: 1, max: 65_535, fallback: 32_000 }),
  servicePortsFrom: integer('MARATHON_SERVICE_PORTS_FROM', { min: 1, max: 65_535, fallback: 10_000 }),
  servicePortsTo: integer('MARATHON_SERVICE_PORTS_TO', { min: 1, max: 65_535, fallback: 20_000 }),
  endedSandboxesMax: integer('MARATHON_ENDED_SANDBOXES', { min: 0, max: 1_000_000, fallback: 500 }),
  logBytesMax: integer('MARATHON_LOG_BYTES', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 256 * 1024 * 1024 }),
  logLevel: text('LOG_LEVEL', { fallback: 'info' }),
})

const config = readConfig(process.env, process.argv.slice(2))
const log = createLog({ service: 'local-marathon', level: config.logLevel })
const marathon = await start()
log.info({ port: marathon.port, host: config.host }, 'local marathon ready')
let isStopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isStopping) process.exit(1)
    isStopping = true
    // Tasks run on: the next start adopts them.
    marathon.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'local marathon did not stop cleanly')
        process.exit(1)
      },
    )
  })
}

/** Why it cannot start is for a person to read: one line, no stack. */
async function start(): Promise<LocalMarathon> {
  try {
    return await startLocalMarathon({
      dataDir: config.dataDir,
      host: config.host,
      port: config.port,
      ...(config.sandboxDir ? { sandboxDir: config.sandboxDir } : {}),
      ...(config.password ? { user: config.user, password: config.password } : {}),
      ...(config.cpus ? { cpus: config.cpus } : {}),
      ...(config.memMb ? { memMb: config.memMb } : {}),
      ...(config.diskMb ? { diskMb: config.diskMb } : {}),
      taskLaunchMaxMs: config.taskLaunchMaxMs,
      memoryCaps: config.memoryCaps,
      containerEngine: config.containerEngine,
      engineEnvironment: Object.fromEntries(
        engineVariables.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
      ),
      forgetDelays: config.forgetDelays,
      hostPorts: { from: config.hostPortsFrom, to: config.hostPortsTo },
      servicePorts: { from: config.servicePortsFrom, to: config.servicePortsTo },
      endedSandboxesMax: config.endedSandboxesMax,
      logBytesMax: config.logBytesMax,
      log,
    })
  } catch (error) {
    log.fatal({ err: error }, `local marathon cannot start: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}
