import { createMarathonClient } from '@baton/marathon'
import { createLog } from '@baton/service-kit'
import { createStateClient } from '@baton/state-client'
import { startRunOnce } from '../run-once.ts'

// For tests: run-once apps as a process of its own, which can be killed. Settings come as one JSON argument.
const settings = JSON.parse(process.argv[2] ?? '{}') as { stateUrl: string; marathonUrl: string; installation: string }
const log = createLog({ service: 'run-once', level: 'warn' })
const runOnce = startRunOnce({
  lane: 'build',
  owner: `process-${process.pid}`,
  state: createStateClient({ url: settings.stateUrl, token: 'service' }),
  marathon: createMarathonClient({ url: settings.marathonUrl }),
  installation: settings.installation,
  log,
  settings: { taskStateUrl: settings.stateUrl, allowLocalGit: false, killGraceS: 1 },
})
process.on('SIGTERM', () => void runOnce.stop().then(() => process.exit(0)))
