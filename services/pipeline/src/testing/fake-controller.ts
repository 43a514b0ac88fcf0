import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Claim, ClaimAnswer, EventBatch, Order, PipelineEvent, Result } from '@baton/state-client/attempt'

/** For tests: the part of a State-Controller that one attempt talks to, over real HTTP, with faults to be switched on. */
export class FakeController {
  readonly claims: Claim[] = []
  readonly events: PipelineEvent[] = []
  /** Requests that events came in. */
  eventBatches = 0
  readonly outputs = new Map<string, Buffer[]>()
  readonly published: { bytes?: Buffer; publication?: unknown } = {}
  result: Result | undefined
  /** At the first result it turns out that nothing was kept but so many events, as after a power cut. */
  keptEvents: number | undefined
  /** No answer at all: connections are cut. */
  isAway = false
  /** Every write is refused with this code. */
  refusal: string | undefined
  claimRefusal: string | undefined
  order: Order = { order: 'go-on', reason: null }
  answer: Partial<ClaimAnswer> = {}
  /** Connections that were cut. */
  cut = 0
  url = ''
  private readonly waiting = new Set<() => void>()
  private readonly server = createServer((request, response) => void this.serve(request, response))

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /** Cuts all connections, and every new one, until told otherwise. */
  goAway(isAway = true): void {
    this.isAway = isAway
    if (isAway) this.server.closeAllConnections()
  }

  stop(order: Order): void {
    this.order = order
    for (const wake of this.waiting) wake()
  }

  outputOf(step: string): Buffer {
    return Buffer.concat(this.outputs.get(step) ?? [])
  }

  /** `1:success` and so on, in order. */
  moves(): string[] {
    return this.events.flatMap((event) => (event.type === 'step' ? [`${event.step}:${event.status}`] : []))
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return this.cutOff(request)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const url = new URL(request.url ?? '', this.url)
    const [, tail = ''] = /\/(claims|events|output\/[^/]+|beat|result|bundle|versions\/[^/]+)$/.exec(url.pathname) ?? []
    const body = Buffer.concat(chunks)
    if (this.isAway) return this.cutOff(request)
    const [status, answer] = await this.handle(tail, url, body)
    if (this.isAway) return this.cutOff(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  private cutOff(request: IncomingMessage): void {
    this.cut += 1
    request.socket.destroy()
  }

  private async handle(tail: string, url: URL, body: Buffer): Promise<[number, unknown]> {
    if (tail === 'claims') return this.claim(JSON.parse(body.toString()))
    if (this.refusal !== undefined) return no(this.refusal)
    if (tail === 'events') return this.takeEvents(JSON.parse(body.toString()))
    if (tail === 'beat') return this.beat(JSON.parse(body.toString()).waitMs)
    if (tail === 'result') return this.takeResult(JSON.parse(body.toString()))
    if (tail === 'bundle') return this.takeBundle(body)
    if (tail.startsWith('versions/')) return this.takePublication(JSON.parse(body.toString()))
    return this.takeOutput(
      decodeURIComponent(tail.slice('output/'.length)),
      Number(url.searchParams.get('offset')),
      body,
    )
  }

  private claim(claim: Claim): [number, unknown] {
    this.claims.push(claim)
    if (this.claimRefusal !== undefined) return no(this.claimRefusal)
    const answer: ClaimAnswer = {
      token: 'build-token',
      protocol: 1,
      commit: 'c'.repeat(40),
      ref: 'refs/heads/main',
      repository: { slug: 'todo', url: 'https://forge.invalid/todo.git' },
      secrets: {},
      timeoutMs: 600_000,
      silenceMaxMs: 900_000,
      assembly: null,
    }
    return [200, { ...answer, ...this.answer }]
  }

  private takeEvents({ from, events }: EventBatch): [number, unknown] {
    this.eventBatches += 1
    if (from > this.events.length) return no('EVENTS_GAP', { want: this.events.length })
    this.events.push(...events.slice(this.events.length - from))
    return [200, { next: this.events.length }]
  }

  private takeOutput(step: string, offset: number, bytes: Buffer): [number, unknown] {
    const stored = this.outputOf(step).length
    if (offset > stored) return no('OUTPUT_GAP', { want: stored })
    this.outputs.set(step, [...(this.outputs.get(step) ?? []), bytes.subarray(stored - offset)])
    return [200, { next: Math.max(stored, offset + bytes.length) }]
  }

  private async beat(waitMs: number): Promise<[number, unknown]> {
    if (this.order.order === 'go-on') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        timer.unref()
        this.waiting.add(resolve)
      })
    }
    return this.refusal === undefined ? [200, this.order] : no(this.refusal)
  }

  private takeResult(result: Result): [number, unknown] {
    if (this.keptEvents !== undefined) {
      this.events.splice(this.keptEvents)
      this.outputs.clear()
      this.keptEvents = undefined
    }
    const outputs: Record<string, number> = {}
    for (const [step, bytes] of Object.entries(result.outputs)) {
      if (this.outputOf(step).length < bytes) outputs[step] = this.outputOf(step).length
    }
    if (this.events.length < result.events || Object.keys(outputs).length > 0) {
      return no('RESULT_INCOMPLETE', { events: this.events.length, outputs })
    }
    this.result = result
    return [200, {}]
  }

  private takeBundle(bytes: Buffer): [number, unknown] {
    this.published.bytes = bytes
    return [200, { digest: 'd'.repeat(64) }]
  }

  private takePublication(publication: unknown): [number, unknown] {
    this.published.publication = publication
    return [200, {}]
  }
}

const statuses: Record<string, number> = { TICKET_UNKNOWN: 403, CLAIM_TOO_EARLY: 503 }
const no = (code: string, fields: Record<string, unknown> = {}): [number, unknown] => [
  statuses[code] ?? 409,
  { type: 'about:blank', status: statuses[code] ?? 409, code, detail: code, fields },
]
