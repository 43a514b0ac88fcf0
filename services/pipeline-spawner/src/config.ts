import { defineConfig, flag, graphiteSettings, integer, secret, text, url } from '@baton/service-kit'

/** Every setting of this service. */
export const readConfig = defineConfig(
  {
    port: integer('PORT0', { min: 0, max: 65_535, fallback: 8083 }),
    host: text('HOST_BIND', { fallback: '127.0.0.1' }),
    logLevel: text('LOG_LEVEL', { fallback: 'info' }),
    installation: text('INSTALLATION', {}),
    stateUrl: url('STATE_URL', {}),
    serviceToken: secret('SERVICE_TOKEN', {}),
    /** The State-Controller as tasks reach it, if that is another address. */
    taskStateUrl: url('TASK_STATE_URL', { optional: true }),
    marathonUrl: url('MARATHON_URL', {}),
    marathonUser: text('MARATHON_USER', { optional: true }),
    marathonPassword: secret('MARATHON_PASSWORD', { optional: true }),
    /** The account builds run as; without one, the agent's own. */
    buildUser: text('BUILD_USER', { optional: true }),
    allowLocalGit: flag('ALLOW_LOCAL_GIT', { fallback: false }),
    /** Mirrors of swept repositories; the task's sandbox unless given: they can be fetched anew. */
    dataDir: text('DATA_DIR', { optional: true }),
    /** Whether /status and /metrics are for everybody. */
    openReads: flag('OPEN_READS', { fallback: false }),
    placersMax: integer('PLACERS_MAX', { min: 1, max: 100, fallback: 4 }),
    removersMax: integer('REMOVERS_MAX', { min: 1, max: 1_000, fallback: 16 }),
    sweepsMax: integer('SWEEPS_MAX', { min: 1, max: 100, fallback: 4 }),
    killGraceS: integer('KILL_GRACE_S', { min: 1, max: 600, fallback: 30 }),
    /** Tests only: handed on to run-once processes, which have crash points too. */
    crashDir: text('BATON_CRASH_DIR', { optional: true }),
    ...graphiteSettings('pipeline-spawner'),
    unhealthyMs: integer('UNHEALTHY_MS', { min: 0, max: 60_000, fallback: 0 }),
    drainMs: integer('DRAIN_MS', { min: 0, max: 60_000, fallback: 5_000 }),
  },
  ({ installation, marathonUser, marathonPassword }) => [
    ...(/^[a-z0-9]{6}$/.test(installation) ? [] : ['INSTALLATION: must be six letters a-z or digits']),
    ...((marathonUser === undefined) === (marathonPassword === undefined)
      ? []
      : ['MARATHON_USER and MARATHON_PASSWORD: must be given both or not at all']),
  ],
)

export type Config = ReturnType<typeof readConfig>
