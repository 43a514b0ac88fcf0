import { type Static, Type } from 'typebox'
import { PlannedStep, StepStatus } from './build.ts'
import { Assembly } from './version.ts'
import { Commit, Count, Moment, PipelineName, Reason, Ref, Slug } from './words.ts'

/** POST /api/claims, without a token: the ticket is the right. One nonce wins; it may repeat, any other is refused. */
export const Claim = Type.Object({
  pipeline: PipelineName,
  number: Count,
  attempt: Count,
  ticket: Type.String({ minLength: 16, maxLength: 200 }),
  taskId: Type.String({ minLength: 1, maxLength: 300 }),
  nonce: Type.String({ minLength: 16, maxLength: 100 }),
  protocol: Count,
  sandbox: Type.Union([
    Type.Object({ agent: Type.String({ maxLength: 300 }), path: Type.String({ maxLength: 1024 }) }),
    Type.Null(),
  ]),
})
export type Claim = Static<typeof Claim>

export const ClaimAnswer = Type.Object({
  token: Type.String({ description: 'for this attempt only, and only until it is over' }),
  protocol: Count,
  commit: Commit,
  ref: Ref,
  repository: Type.Object({ slug: Slug, url: Type.String() }),
  secrets: Type.Record(Type.String(), Type.String()),
  timeoutMs: Count,
  silenceMaxMs: Type.Integer({ description: 'stop by yourself after so long without any answer' }),
  assembly: Type.Union([Assembly, Type.Null()], { description: 'what a meta-build has to assemble' }),
})
export type ClaimAnswer = Static<typeof ClaimAnswer>

/** Something that happened in the process. Numbered from 0 by its place in the journal. */
export const PipelineEvent = Type.Union([
  Type.Object({ type: Type.Literal('plan'), at: Moment, steps: Type.Array(PlannedStep, { maxItems: 10_000 }) }),
  Type.Object({
    type: Type.Literal('step'),
    at: Moment,
    step: Type.String({ maxLength: 80 }),
    status: StepStatus,
    reason: Type.Optional(Reason),
    result: Type.Optional(Type.Unknown({ description: 'JSON, at most 64 kB' })),
  }),
])
export type PipelineEvent =
  | { type: 'plan'; at: string; steps: PlannedStep[] }
  | {
      type: 'step'
      at: string
      step: string
      status: import('@baton/model').StepStatus
      reason?: import('@baton/model').Reason
      result?: unknown
    }

/** POST .../attempts/:attempt/events. Known numbers are passed over; a gap is EVENTS_GAP with the number wanted. */
export const EventBatch = Type.Object({ from: Count, events: Type.Array(PipelineEvent, { maxItems: 1000 }) })
export type EventBatch = { from: number; events: PipelineEvent[] }
export const EventsAnswer = Type.Object({ next: Count })

/** POST .../attempts/:attempt/output/:step?offset=N, bytes as they are. Known bytes are passed over; a gap is OUTPUT_GAP. */
export const OutputAnswer = Type.Object({ next: Count })

/** POST .../attempts/:attempt/beat: a sign of life that waits up to `waitMs` for an order. */
export const Beat = Type.Object({ waitMs: Type.Integer({ minimum: 0, maximum: 30_000 }) })
export const Order = Type.Object({
  order: Type.Union([Type.Literal('go-on'), Type.Literal('stop')]),
  reason: Type.Union([Reason, Type.Null()]),
})
export type Order = Static<typeof Order>

/** What a build took of its machine, all its steps' processes included, and what Marathon was asked for. */
export const Usage = Type.Object({
  durationMs: Count,
  cpuSeconds: Type.Number({ minimum: 0 }),
  memoryMaxBytes: Count,
  diskBytes: Type.Optional(Count),
  asked: Type.Object({
    cpus: Type.Number({ minimum: 0 }),
    memMb: Type.Number({ minimum: 0 }),
    diskMb: Type.Number({ minimum: 0 }),
  }),
})
export type Usage = Static<typeof Usage>

/** POST .../attempts/:attempt/result. Accepted only when every event and byte named is stored; otherwise RESULT_INCOMPLETE. */
export const Result = Type.Object({
  status: Type.Union([
    Type.Literal('success'),
    Type.Literal('failure'),
    Type.Literal('killed'),
    Type.Literal('timed-out'),
  ]),
  reason: Type.Union([Reason, Type.Null()]),
  events: Count,
  outputs: Type.Record(Type.String(), Count),
  usage: Type.Optional(Usage),
})
export type Result = Static<typeof Result>

/** POST .../attempts/:attempt/ended: Marathon's word. `taskId` null: the app itself is not there any more. */
export const Ended = Type.Object({
  taskId: Type.Union([Type.String(), Type.Null()]),
  state: Type.String({ maxLength: 60 }),
  message: Type.String({ maxLength: 1000 }),
})
export type Ended = Static<typeof Ended>

/** GET /api/attempts?lane=: those whose app may still exist. */
export const OpenAttempt = Type.Object({
  pipeline: PipelineName,
  number: Count,
  attempt: Count,
  appId: Type.String(),
  placed: Type.Boolean({ description: 'Marathon took the app' }),
  taskId: Type.Union([Type.String(), Type.Null()]),
  over: Type.Boolean({ description: 'its result is stored, or Marathon said that its task ended' }),
})
export type OpenAttempt = Static<typeof OpenAttempt>
