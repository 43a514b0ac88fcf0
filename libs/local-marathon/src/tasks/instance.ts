import type { HealthCheck } from '../apps/app.ts'

/** Mesos task states that this server knows. */
export const taskStates = {
  TASK_STAGING: { isOver: false, condition: 'Staging' },
  TASK_STARTING: { isOver: false, condition: 'Starting' },
  TASK_RUNNING: { isOver: false, condition: 'Running' },
  TASK_KILLING: { isOver: false, condition: 'Killing' },
  TASK_FINISHED: { isOver: true, condition: 'Finished' },
  TASK_FAILED: { isOver: true, condition: 'Failed' },
  TASK_KILLED: { isOver: true, condition: 'Killed' },
  TASK_ERROR: { isOver: true, condition: 'Error' },
  /** It was never started. */
  TASK_DROPPED: { isOver: true, condition: 'Dropped' },
  /** It ran, and nobody knows how it ended. */
  TASK_GONE: { isOver: true, condition: 'Gone' },
} as const

export type TaskState = keyof typeof taskStates

/** After these the relaunch is delayed. Being killed is nobody's failure: no delay. */
export const delayedStates: readonly TaskState[] = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
]

/** One launch of an instance. Its id is on disk before its process starts, and is never used for a second launch. */
export interface Task {
  readonly id: string
  state: TaskState
  message: string
  readonly hostPorts: number[]
  readonly stagedAt: string
  startedAt?: string
  readonly sandbox: string
  /** The boot of the machine it was started under: process ids mean nothing after another boot. */
  readonly bootId: string
  readonly cpus: number
  readonly mem: number
  /** Not there in records of older servers. */
  readonly disk?: number
  /** It runs in an image: in a container, whose name follows from the task's id. */
  readonly isContainer?: boolean
  /** The control group that holds it to `mem`, where there is one. */
  memoryGroup?: string
  readonly killGraceMs: number
  readonly healthChecks: readonly HealthCheck[]
  /** Somebody asked it to die, so whatever its exit code it ends as TASK_KILLED. */
  isKilled?: boolean
}

/** A place for one running copy of an app. Relaunches stay in the instance; each has a new incarnation. */
export interface Instance {
  readonly id: string
  readonly appId: string
  /** `Running`: whatever ends here is launched again. `Stopped`: it goes away with its task. */
  goal: 'Running' | 'Stopped'
  version: string
  configVersion: string
  /** Waiting to be launched since. */
  since: string
  incarnation: number
  task?: Task
}

export function isOver(task: Task): boolean {
  return taskStates[task.state].isOver
}

/** Whether a process may exist for this instance. */
export function isActive(instance: Instance): instance is Instance & { task: Task } {
  return instance.task !== undefined && !isOver(instance.task)
}

export function isRunning(instance: Instance): boolean {
  return instance.task?.state === 'TASK_RUNNING' && instance.task.isKilled !== true
}

/** Waiting to be launched, or to be launched again. */
export function isScheduled(instance: Instance): boolean {
  return instance.goal === 'Running' && !isActive(instance)
}
