import { hostname } from 'node:os'

/** Whoever takes work is known by this: the task that Marathon started, or the process. */
export const workOwner = (): string => process.env['MESOS_TASK_ID'] ?? `${hostname()}:${process.pid}`
