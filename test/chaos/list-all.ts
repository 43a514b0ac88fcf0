import type { Build, BuildDetail, LedgerEntry, StateClient } from '@baton/state-client'

const pageSize = 100

/** Every ledger entry, newest first. */
export async function listAllEntries(state: StateClient): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for (let before: number | undefined; ; before = entries.at(-1)?.id) {
    const page = await state.listEntries({ limit: pageSize, ...(before !== undefined && { before }) })
    entries.push(...page)
    if (page.length < pageSize) return entries
  }
}

/** Every build, newest first. */
export async function listAllBuilds(state: StateClient): Promise<Build[]> {
  const builds: Build[] = []
  for (let last: Build | undefined; ; last = builds.at(-1)) {
    // Builds are ordered by when they were made, and no two share a moment.
    const before = last === undefined ? {} : { before: Date.parse(last.createdAt) }
    const page = await state.listBuilds({ limit: pageSize, ...before })
    builds.push(...page)
    if (page.length < pageSize) return builds
  }
}

/** The same, each with its steps and attempts. */
export async function listAllDetails(state: StateClient): Promise<BuildDetail[]> {
  const builds = await listAllBuilds(state)
  return await Promise.all(builds.map(({ pipeline, number }) => state.getBuild(pipeline, number)))
}
