export type { Claim, ClaimAnswer, EventBatch, Order, PipelineEvent, Result } from '../wire/attempt.ts'
export type { Assembly, Description, Publication } from '../wire/version.ts'
export { type AttemptClient, type AttemptLink, createAttemptClient } from './attempt-client.ts'
