import type { Platform } from './platform.ts'

/** All that the platform has stored of repositories, ledger and builds, as it shows it. */
export async function snapshotOf({ state }: Pick<Platform, 'state'>) {
  const [repositories, entries, builds, pipelines] = await Promise.all([
    state.listRepositories(),
    state.listEntries({ limit: 500 }),
    state.listBuilds({ limit: 500 }),
    state.listPipelines(),
  ])
  // When a remote was looked at last moves by itself.
  const settings = repositories.map(({ lastSweepAt: _sweep, lastHookAt: _hook, ...rest }) => rest)
  return { repositories: settings, entries, builds, pipelines }
}
