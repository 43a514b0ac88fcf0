import type { FastifyBaseLogger } from 'fastify'

/**
 * The log of one request, with its id on every line. Pino's child is made with the first line: most requests log
 * nothing, and a child that masks is not cheap to make.
 */
export function createRequestLog(log: FastifyBaseLogger, bindings: object): FastifyBaseLogger {
  return new RequestLog(log, bindings) as unknown as FastifyBaseLogger
}

class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: object
  #made: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: object) {
    this.#parent = parent
    this.#bindings = bindings
  }

  get level(): string {
    return this.#child.level
  }

  set level(level: string) {
    this.#child.level = level
  }

  get #child(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings)
    return this.#made
  }

  child(...args: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#child.child(...args)
  }

  trace(...args: unknown[]): void {
    forward(this.#child, 'trace', args)
  }

  debug(...args: unknown[]): void {
    forward(this.#child, 'debug', args)
  }

  info(...args: unknown[]): void {
    forward(this.#child, 'info', args)
  }

  warn(...args: unknown[]): void {
    forward(this.#child, 'warn', args)
  }

  error(...args: unknown[]): void {
    forward(this.#child, 'error', args)
  }

  fatal(...args: unknown[]): void {
    forward(this.#child, 'fatal', args)
  }

  silent(): void {}
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

function forward(log: FastifyBaseLogger, level: Level, args: unknown[]): void {
  ;(log[level] as (...args: unknown[]) => void)(...args)
}
