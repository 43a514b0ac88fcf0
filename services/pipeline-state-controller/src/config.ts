import { defineConfig, flag, graphiteSettings, integer, secret, text, url } from '@baton/service-kit'

/** Every setting of this service. */
export const readConfig = defineConfig(
  {
    port: integer('PORT0', { min: 0, max: 65_535, fallback: 8080 }),
    host: text('HOST_BIND', { fallback: '127.0.0.1' }),
    logLevel: text('LOG_LEVEL', { fallback: 'info' }),
    dataDir: text('DATA_DIR', {}),
    installation: text('INSTALLATION', {}),
    adminToken: secret('ADMIN_TOKEN', {}),
    serviceToken: secret('SERVICE_TOKEN', {}),
    masterKey: secret('MASTER_KEY', {}),
    openReads: flag('OPEN_READS', { fallback: false }),
    publicUrl: url('PUBLIC_URL', { optional: true }),
    leaseMs: integer('LEASE_MS', { min: 500, max: 600_000, fallback: 30_000 }),
    placingMax: integer('PLACING_MAX', { min: 1, max: 1_000, fallback: 20 }),
    placingMs: integer('PLACING_MS', { min: 1_000, max: 86_400_000, fallback: 1_800_000 }),
    silenceMaxMs: integer('SILENCE_MAX_MS', { min: 1_000, max: 86_400_000, fallback: 900_000 }),
    reconcileMs: integer('RECONCILE_MS', { min: 100, max: 3_600_000, fallback: 20_000 }),
    sweepMs: integer('SWEEP_MS', { min: 100, max: 3_600_000, fallback: 30_000 }),
    sweepHookedMs: integer('SWEEP_HOOKED_MS', { min: 100, max: 86_400_000, fallback: 600_000 }),
    sweepsMax: integer('SWEEPS_MAX', { min: 1, max: 100, fallback: 4 }),
    watchMs: integer('WATCH_MS', { min: 50, max: 60_000, fallback: 5_000 }),
    stopMaxMs: integer('STOP_MAX_MS', { min: 100, max: 86_400_000, fallback: 330_000 }),
    unhealthyMs: integer('UNHEALTHY_MS', { min: 0, max: 60_000, fallback: 0 }),
    drainMs: integer('DRAIN_MS', { min: 0, max: 60_000, fallback: 5_000 }),
    ...graphiteSettings('pipeline-state-controller'),
  },
  (config) => [
    ...(/^[a-z0-9]{6}$/.test(config.installation) ? [] : ['INSTALLATION: must be six letters a-z or digits']),
    ...(/^[0-9a-f]{64}$/i.test(config.masterKey) ? [] : ['MASTER_KEY: must be 32 bytes, written as 64 hex digits']),
    ...(config.adminToken.length >= 16 ? [] : ['ADMIN_TOKEN: must have at least 16 characters']),
    ...(config.serviceToken.length >= 16 ? [] : ['SERVICE_TOKEN: must have at least 16 characters']),
    ...(config.adminToken === config.serviceToken ? ['SERVICE_TOKEN: must not be the ADMIN_TOKEN'] : []),
  ],
)

export type Config = ReturnType<typeof readConfig>
