import { dataFolder } from '../../deploy/local/data-folder.ts'
import { appIdOfService, type ServiceName } from '../../deploy/local/definitions.ts'
import { findMarathon } from '../../deploy/local/marathon-process.ts'
import type { Platform } from '../platform/platform.ts'
import { isPipeline, listProcesses, type Process } from '../platform/processes.ts'
import { attemptId } from './facts.ts'

/** Who can be killed. `pipeline` is any run-once process. */
export const victims = ['controller', 'builder', 'spawner', 'marathon', 'pipeline'] as const
export type Victim = (typeof victims)[number]

const serviceOf: Partial<Record<Victim, ServiceName>> = {
  controller: 'pipeline-state-controller',
  builder: 'pipeline-builder',
  spawner: 'pipeline-spawner',
}

/** The living processes of a victim, of this platform alone, found without asking it: it may be away. */
export function listVictims({ file, folders }: Platform, victim: Victim): Process[] {
  if (victim === 'marathon') {
    const pid = findMarathon(dataFolder(folders.data))?.process.pid
    return listProcesses().filter((one) => one.pid === pid)
  }
  const service = serviceOf[victim]
  const isIt = ({ env, command }: Process): boolean =>
    service === undefined
      ? env.get('MARATHON_APP_LABEL_BATON_INSTALLATION') === file.installation && isPipeline(command)
      : env.get('INSTALLATION') === file.installation &&
        env.get('MARATHON_APP_ID') === appIdOfService(service) &&
        command.endsWith(`${service}.mjs`)
  return listProcesses().filter(isIt)
}

/** The attempt that a run-once process is, as facts name it. */
export function attemptOf({ env }: Process): string {
  const text = (name: string) => env.get(name) ?? ''
  return attemptId(
    { pipeline: text('BATON_PIPELINE'), number: Number(text('BATON_BUILD')) },
    Number(text('BATON_ATTEMPT')),
  )
}

/** Sends a signal to exactly that process; one that ended by itself is no error. */
export function send({ pid }: Process, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** As a crash does it. */
export const kill = (one: Process): void => send(one, 'SIGKILL')
