import { type Static, Type } from 'typebox'
import { Commit, Count, Moment, PipelineName, Reason, Ref, Slug } from './words.ts'

export const BuildStatus = Type.Union(
  (
    [
      'assembling',
      'queued',
      'placing',
      'running',
      'waiting',
      'success',
      'failure',
      'killed',
      'timed-out',
      'lost',
      'skipped',
    ] as const
  ).map((status) => Type.Literal(status)),
)
export const StepStatus = Type.Union(
  (['queued', 'running', 'waiting', 'success', 'failure', 'killed', 'timed-out', 'lost', 'skipped'] as const).map(
    (status) => Type.Literal(status),
  ),
)
const StepId = Type.String({ pattern: '^\\d{1,4}(\\.\\d{1,4}){0,15}$', description: 'the path of the step: 2, 2.1' })

/** A node of the step tree, before anything ran. Parents come before their children. */
export const PlannedStep = Type.Object({
  id: StepId,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  kind: Type.String({ maxLength: 20, description: 'step, group, parallel, either, finally, checkout, ...' }),
})
export type PlannedStep = Static<typeof PlannedStep>

/** A step as it is shown. Output is never here: it is served by range. */
export const Step = Type.Object({
  ...PlannedStep.properties,
  status: StepStatus,
  reason: Type.Union([Reason, Type.Null()]),
  startedAt: Type.Union([Moment, Type.Null()]),
  endedAt: Type.Union([Moment, Type.Null()]),
  outputBytes: Count,
  result: Type.Optional(Type.Unknown({ description: 'what the step returned, if it is small enough JSON' })),
})
export type Step = Omit<Static<typeof Step>, 'status'> & { status: import('@baton/model').StepStatus }

export const Attempt = Type.Object({
  number: Count,
  appId: Type.String(),
  taskId: Type.Union([Type.String(), Type.Null()]),
  openedAt: Moment,
  placedAt: Type.Union([Moment, Type.Null()]),
  claimedAt: Type.Union([Moment, Type.Null()]),
  reportedAt: Type.Union([Moment, Type.Null()]),
  endedAt: Type.Union([Moment, Type.Null()]),
  removedAt: Type.Union([Moment, Type.Null()]),
  lastSeenAt: Type.Union([Moment, Type.Null()]),
  endedState: Type.Union([Type.String(), Type.Null()], { description: "Marathon's last word on the task" }),
  refusedWrites: Count,
})
export type Attempt = Static<typeof Attempt>

/** A build as lists show it. */
export const Build = Type.Object({
  pipeline: PipelineName,
  number: Count,
  repository: Slug,
  commit: Commit,
  ref: Ref,
  entry: Type.Union([Count, Type.Null()]),
  status: BuildStatus,
  reason: Type.Union([Reason, Type.Null()], { description: 'why it is in this status' }),
  cause: Reason,
  versionKey: Type.Union([Type.String(), Type.Null()]),
  attempt: Count,
  killWanted: Type.Boolean(),
  author: Type.Union([Type.String(), Type.Null()]),
  subject: Type.Union([Type.String(), Type.Null()]),
  createdAt: Moment,
  queuedAt: Type.Union([Moment, Type.Null()]),
  startedAt: Type.Union([Moment, Type.Null()]),
  endedAt: Type.Union([Moment, Type.Null()]),
})
export type Build = Omit<Static<typeof Build>, 'status'> & { status: import('@baton/model').BuildStatus }

/** One build whole: GET /api/builds/:pipeline/:number. */
export const BuildDetail = Type.Object({
  ...Build.properties,
  steps: Type.Array(Step),
  attempts: Type.Array(Attempt),
})
export type BuildDetail = Build & { steps: Step[]; attempts: Attempt[] }

/** A pipeline as the overview shows it: kept ready, not computed. */
export const PipelineRow = Type.Object({
  pipeline: PipelineName,
  repository: Slug,
  newest: Type.Union([Build, Type.Null()]),
  lastEnded: Type.Union([Build, Type.Null()], { description: 'what the feed shows while a newer one runs' }),
})
export type PipelineRow = Omit<Static<typeof PipelineRow>, 'newest' | 'lastEnded'> & {
  newest: Build | null
  lastEnded: Build | null
}

/** POST /api/builds/:pipeline/:number/kill */
export const KillOrder = Type.Object({ comment: Type.Optional(Type.String({ maxLength: 500 })) })
