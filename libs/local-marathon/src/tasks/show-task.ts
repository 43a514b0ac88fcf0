import type { Machine } from '../machine.ts'
import { type Instance, isOver } from './instance.ts'

/** A task as the API shows it. One that ended stays until it is launched again, without ports and times. */
export function showTask(machine: Machine, instance: Instance) {
  const { task } = instance
  const { taskHost, agentId } = machine.settings
  const definition = machine.apps.get(instance.appId)?.current.definition
  const checkResult = machine.health.findCheck(instance.id)
  const always = {
    appId: instance.appId,
    healthCheckResults: machine.health.list(instance.id),
    ...(checkResult ? { checkResult } : {}),
    host: taskHost,
    id: task?.id ?? instance.id,
    ipAddresses: [{ ipAddress: taskHost, protocol: 'IPv4' }],
    slaveId: agentId,
    state: task?.state ?? 'TASK_STAGING',
    localVolumes: [],
    role: definition?.role ?? '*',
  }
  if (!task || isOver(task)) return { ...always, ports: [], servicePorts: [] }
  return {
    ...always,
    ports: task.hostPorts,
    servicePorts: (definition?.portDefinitions ?? []).map((port) => port.port),
    stagedAt: task.stagedAt,
    ...(task.startedAt ? { startedAt: task.startedAt } : {}),
    version: instance.version,
  }
}
