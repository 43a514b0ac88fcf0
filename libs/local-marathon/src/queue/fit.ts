import { hostname } from 'node:os'
import type { AppDefinition } from '../apps/app.ts'
import { instancesOf, type Machine } from '../machine.ts'
import { isActive } from '../tasks/instance.ts'

/** Why an app's next task cannot start now; Marathon's names in `/v2/queue`. */
export type Obstacle =
  | 'UnfulfilledRole'
  | 'UnfulfilledConstraint'
  | 'InsufficientCpus'
  | 'InsufficientMemory'
  | 'InsufficientDisk'
  | 'InsufficientPorts'

/** CPU shares are added up as decimals; without this 10 x 0.1 would not fit into 1. */
const roundingSlack = 1e-6

interface Amounts {
  cpus: number
  mem: number
  disk: number
}

/** What tasks that may have a process take. */
export function usedAmounts(machine: Machine): Amounts {
  const used = { cpus: 0, mem: 0, disk: 0 }
  for (const instance of machine.instances.values()) {
    if (!isActive(instance)) continue
    used.cpus += instance.task.cpus
    used.mem += instance.task.mem
    used.disk += instance.task.disk ?? 0
  }
  return used
}

/** The first thing in the way of one more task, or nothing. Ports are looked at only when everything else fits. */
export function findObstacle(machine: Machine, app: AppDefinition): Obstacle | undefined {
  if (!fitsRole(app)) return 'UnfulfilledRole'
  if (!fitsConstraints(machine, app)) return 'UnfulfilledConstraint'
  const used = usedAmounts(machine)
  if (used.cpus + app.cpus > machine.settings.cpus + roundingSlack) return 'InsufficientCpus'
  if (used.mem + app.mem > machine.settings.memMb + roundingSlack) return 'InsufficientMemory'
  if (used.disk + app.disk > machine.settings.diskMb + roundingSlack) return 'InsufficientDisk'
  return undefined
}

/** Whether it could start on an empty machine. What never fits must not make others wait behind it. */
export function couldEverFit(machine: Machine, app: AppDefinition): boolean {
  const { cpus, memMb, diskMb } = machine.settings
  const fits = app.cpus <= cpus && app.mem <= memMb && app.disk <= diskMb
  return fits && fitsRole(app) && fitsConstraints(machine, app)
}

/** What this machine has belongs to nobody: role `*`. Whoever only takes resources of another role waits. */
function fitsRole({ acceptedResourceRoles }: AppDefinition): boolean {
  return acceptedResourceRoles?.includes('*') ?? true
}

/** One machine is one host: UNIQUE means one instance, MAX_PER n means n, the rest compares the host's name. */
function fitsConstraints(machine: Machine, app: AppDefinition): boolean {
  const running = instancesOf(machine, app.id).filter(isActive).length
  return (app.constraints ?? []).every(([field = '', operator = '', value = '']) => {
    const isHost = field === 'hostname' || field === '@hostname'
    if (!isHost) return operator.toUpperCase() === 'UNLIKE'
    return holds(operator.toUpperCase(), value, [machine.settings.taskHost, hostname()], running)
  })
}

function holds(operator: string, value: string, names: readonly string[], running: number): boolean {
  if (operator === 'UNIQUE') return running === 0
  if (operator === 'MAX_PER') return running < Number(value)
  if (operator === 'GROUP_BY') return true
  if (operator === 'LIKE') return names.some((name) => matches(value, name))
  if (operator === 'UNLIKE') return !names.some((name) => matches(value, name))
  return value === '' || names.includes(value)
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(name)
  } catch {
    return false
  }
}
