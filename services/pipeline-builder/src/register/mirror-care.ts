import { pruneMirrors } from '@baton/git'
import { type Job, type Log, startJob } from '@baton/service-kit'
import { isUnavailable, type StateClient } from '@baton/state-client'

const pauseMs = 3_600_000

/** Removes, now and then, what was fetched of repositories that are registered no more, or never were. */
export function startMirrorCare(state: StateClient, mirrorsDir: string, log: Log): Job {
  let absent = new Set<string>()
  return startJob({
    name: 'mirror-care',
    pauseMs,
    log,
    async work(signal) {
      try {
        const repositories = await state.withSignal(signal).listRepositories()
        absent = await pruneMirrors(
          mirrorsDir,
          repositories.map(({ url }) => url),
          absent,
        )
      } catch (error) {
        // Without the controller nothing is known, so nothing is removed.
        if (!isUnavailable(error)) throw error
      }
    },
  })
}
