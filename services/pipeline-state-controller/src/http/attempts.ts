import type { Service } from '@baton/service-kit'
import {
  Beat,
  Claim,
  ClaimAnswer,
  Count,
  Ended,
  EventBatch,
  EventsAnswer,
  Nothing,
  Order,
  OutputAnswer,
  Result,
} from '@baton/state-client/wire'
import { Type } from 'typebox'
import { createFigures } from '../figures/figures.ts'
import { orderBell } from '../work/bells.ts'
import { writerOf } from './access.ts'
import { waitFor } from './long-poll.ts'
import { attemptParams, bytesMax, largeJsonBytesMax, type RouteParts, typed } from './routes.ts'

const at = '/api/builds/:pipeline/:number/attempts/:attempt'

/** What a run-once process says, and what is said of it. */
export function addAttemptRoutes(service: Service, { ports, now }: RouteParts): void {
  const figures = createFigures(service.kit.registry)
  const routes = typed(service)
  const { attempts, outputs, bells } = ports

  routes.post(
    '/api/claims',
    // The ticket is the right.
    { config: { access: 'open' }, schema: { body: Claim, answers: { 200: ClaimAnswer } } },
    async ({ body }) => {
      const answer = await attempts.claim(body, now())
      figures.started(body)
      return answer
    },
  )
  routes.post(
    `${at}/events`,
    {
      config: { access: 'attempt' },
      bodyLimit: largeJsonBytesMax,
      schema: { params: attemptParams, body: EventBatch, answers: { 200: EventsAnswer } },
    },
    async (request) => {
      const writer = writerOf(request, request.params)
      return { next: await attempts.addEvents(request.params, request.body as never, writer, now()) }
    },
  )
  routes.post(
    `${at}/output/:step`,
    {
      config: { access: 'attempt' },
      bodyLimit: bytesMax,
      schema: {
        params: Type.Object({ ...attemptParams.properties, step: Type.String({ maxLength: 80 }) }),
        querystring: Type.Object({ offset: Count }),
        answers: { 200: OutputAnswer },
      },
    },
    async (request) => {
      const { step, ...name } = request.params
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const next = await outputs.append(name, step, request.query.offset, bytes, writerOf(request, name), now())
      return { next }
    },
  )
  routes.post(
    `${at}/beat`,
    { config: { access: 'attempt' }, schema: { params: attemptParams, body: Beat, answers: { 200: Order } } },
    async (request) => {
      const name = request.params
      writerOf(request, name)
      const order = await attempts.see(name, now())
      if (order.order === 'stop') return order
      await waitFor(request, service.kit, bells, [orderBell(name.pipeline, name.number)], request.body.waitMs)
      // A process that reported hangs up: nobody hears an answer, and it is no late writer.
      if (request.raw.socket.destroyed) return order
      return await attempts.see(name, now())
    },
  )
  routes.post(
    `${at}/result`,
    {
      config: { access: 'attempt' },
      bodyLimit: largeJsonBytesMax,
      schema: { params: attemptParams, body: Result, answers: { 200: Nothing } },
    },
    async (request) => {
      writerOf(request, request.params)
      await attempts.report(request.params, request.body, now())
      figures.ended(request.params, request.body)
      return {}
    },
  )
  routes.post(
    `${at}/ended`,
    { config: { access: 'service' }, schema: { params: attemptParams, body: Ended, answers: { 200: Nothing } } },
    async ({ params, body }) => {
      await attempts.end(params, body, now())
      return {}
    },
  )
}
