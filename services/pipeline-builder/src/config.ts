import { defineConfig, flag, graphiteSettings, integer, secret, text, url } from '@baton/service-kit'

/** Every setting of this service. */
export const readConfig = defineConfig({
  port: integer('PORT0', { min: 0, max: 65_535, fallback: 8082 }),
  host: text('HOST_BIND', { fallback: '127.0.0.1' }),
  logLevel: text('LOG_LEVEL', { fallback: 'info' }),
  unhealthyMs: integer('UNHEALTHY_MS', { min: 0, max: 60_000, fallback: 0 }),
  drainMs: integer('DRAIN_MS', { min: 0, max: 60_000, fallback: 5_000 }),
  installation: text('INSTALLATION', {}),
  stateUrl: url('STATE_URL', {}),
  token: secret('SERVICE_TOKEN', {}),
  marathonUrl: url('MARATHON_URL', {}),
  marathonUser: text('MARATHON_USER', { optional: true }),
  marathonPassword: secret('MARATHON_PASSWORD', { optional: true }),
  dataDir: text('DATA_DIR', {}),
  toolchainDir: text('TOOLCHAIN_DIR', {}),
  taskStateUrl: url('TASK_STATE_URL', { optional: true }),
  taskBuilderUrl: url('TASK_BUILDER_URL', {}),
  buildUser: text('BUILD_USER', { optional: true }),
  allowLocalGit: flag('ALLOW_LOCAL_GIT', { fallback: false }),
  openReads: flag('OPEN_READS', { fallback: false }),
  resolversMax: integer('RESOLVERS_MAX', { min: 1, max: 64, fallback: 8 }),
  sweepersMax: integer('SWEEPERS_MAX', { min: 1, max: 64, fallback: 4 }),
  /** Tests only: handed on to run-once processes, which have crash points too. */
  crashDir: text('BATON_CRASH_DIR', { optional: true }),
  ...graphiteSettings('pipeline-builder'),
})

export type Config = ReturnType<typeof readConfig>
