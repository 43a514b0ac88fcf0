/** Where a build may go from each status. No way out means it is over. */
const buildWays = {
  assembling: ['queued', 'failure', 'killed', 'skipped'],
  queued: ['placing', 'killed', 'failure', 'skipped'],
  placing: ['running', 'queued', 'killed', 'failure', 'timed-out', 'lost'],
  running: ['waiting', 'queued', 'success', 'failure', 'killed', 'timed-out', 'lost'],
  waiting: ['running', 'queued', 'success', 'failure', 'killed', 'timed-out', 'lost'],
  success: [],
  failure: [],
  killed: [],
  'timed-out': [],
  lost: [],
  skipped: [],
} as const satisfies Record<string, readonly string[]>

/** Where a step may go from each status. A step that another attempt repeats starts again at `queued`. */
const stepWays = {
  queued: ['running', 'skipped', 'killed'],
  running: ['waiting', 'success', 'failure', 'killed', 'timed-out', 'lost'],
  waiting: ['running', 'success', 'failure', 'killed', 'timed-out', 'lost'],
  success: [],
  failure: [],
  killed: [],
  'timed-out': [],
  lost: [],
  skipped: [],
} as const satisfies Record<string, readonly string[]>

export type BuildStatus = keyof typeof buildWays
export type StepStatus = keyof typeof stepWays

export const buildStatuses = Object.keys(buildWays) as readonly BuildStatus[]
export const stepStatuses = Object.keys(stepWays) as readonly StepStatus[]

/** A build that ended by its own work: what the process may report as its result. */
export const resultStatuses = ['success', 'failure', 'killed', 'timed-out'] as const
export type ResultStatus = (typeof resultStatuses)[number]

/** Whether nothing follows `status` any more. */
export function isOver(status: BuildStatus | StepStatus): boolean {
  return buildWays[status].length === 0
}

/** Whether a build may go from `from` to `to`. Staying is not a way. */
export function mayBuildGo(from: BuildStatus, to: BuildStatus): boolean {
  return (buildWays[from] as readonly BuildStatus[]).includes(to)
}

/** Whether a step may go from `from` to `to`. Staying is not a way. */
export function mayStepGo(from: StepStatus, to: StepStatus): boolean {
  return (stepWays[from] as readonly StepStatus[]).includes(to)
}

/** How bad an end is, for unifying the statuses of children: the worst one is the parent's. */
const severity: Partial<Record<StepStatus, number>> = {
  skipped: 0,
  success: 1,
  killed: 2,
  'timed-out': 3,
  failure: 4,
  lost: 5,
}

/** The one status of a group whose children ended so: the worst; `success` for none. */
export function unify(statuses: readonly StepStatus[]): StepStatus {
  let worst: StepStatus = 'success'
  for (const status of statuses) {
    if ((severity[status] ?? 0) > (severity[worst] ?? 0)) worst = status
  }
  return worst
}
