import { createLog } from '@baton/service-kit'
import { type RunOnceOptions, startRunOnce } from '../run-once.ts'
import { createFakeMarathon } from './fake-marathon.ts'
import { startFakeState } from './fake-state.ts'
import { installation } from './payloads.ts'

/** For tests: run-once apps of one lane between a controller over HTTP and a Marathon in memory. */
export async function openScene(options: { leaseMs?: number } = {}) {
  const state = await startFakeState(options)
  const fake = createFakeMarathon()
  const closers: (() => Promise<void>)[] = []
  const log = createLog({ service: 'run-once', level: 'silent' })
  const start = (more: Partial<RunOnceOptions> = {}) => {
    const one = startRunOnce({
      lane: 'build',
      owner: `owner-${closers.length}`,
      state: state.client,
      marathon: fake.marathon,
      installation,
      log,
      settings: { taskStateUrl: state.url, allowLocalGit: false },
      ...more,
    })
    closers.push(one.stop)
    return one
  }
  const close = async () => {
    await Promise.all(closers.map((stop) => stop()))
    await state.close()
  }
  return { state, marathon: fake, start, close, log }
}

export type Scene = Awaited<ReturnType<typeof openScene>>
