import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import type { Service } from './service.ts'

export interface Component {
  readonly name: string
  close(): Promise<void> | void
}

export interface ServeOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** How long requests are still served after /health turned 503, so that a balancer notices. */
  readonly unhealthyMs: number
  /** How long open requests may take to end before their connections are cut. */
  readonly drainMs: number
  /** How long each component may take to close: 5 s unless given. */
  readonly closeMs?: number
  readonly log: Log
  /** In the order they were opened; closed in reverse. */
  readonly components?: readonly Component[]
}

export interface Serving {
  readonly port: number
  /** As SIGTERM, but leaves the process alone. Repeating it waits for the same stop. */
  stop(): Promise<void>
  /** The exit code, once everything is closed. */
  readonly stopped: Promise<number>
}

/** How a process of ours ends. A second signal ends it at once with 128 + the signal's number, as a shell would say. */
export const exitCodes = { stopped: 0, notCleanlyStopped: 1, secondSigint: 130, secondSigterm: 143 } as const

// What keeps a process alive after everything was closed is a leak; it may not keep it for longer than this.
const lingerMs = 1_000
const sweepMs = 50
const cutMs = 1_000
const signals = { SIGTERM: exitCodes.secondSigterm, SIGINT: exitCodes.secondSigint } as const

/**
 * Listens, and stops on SIGTERM or SIGINT: unhealthy at once, serving on for `unhealthyMs`, draining, closing components
 * in reverse. After a signal the process ends with the code that `stopped` resolves to.
 * @throws what `listen` throws (EADDRINUSE, EACCES); nothing is left open then, components are closed
 */
export async function serve(service: Service, options: ServeOptions): Promise<Serving> {
  const { log, host } = options
  await service.listen({ host, port: options.port }).catch(async (error: unknown) => {
    await closeComponents(options)
    throw error
  })
  const { port } = service.server.address() as AddressInfo
  let stopping: Promise<number> | undefined
  let resolveStopped: (code: number) => void = () => {}
  const stopped = new Promise<number>((resolve) => {
    resolveStopped = resolve
  })
  const stop = async (): Promise<number> => {
    stopping ??= stopService(service, options)
    const code = await stopping
    forgetSignals()
    resolveStopped(code)
    return code
  }
  const forgetSignals = watchProcess(log, (signal) => {
    if (stopping !== undefined) process.exit(signals[signal])
    log.info({ signal }, 'stopping')
    void stop().then(endProcess)
  })
  log.info({ host, port }, 'listening')
  return { port, stopped, stop: () => stop().then(() => undefined) }
}

/** @returns stops watching */
function watchProcess(log: Log, onSignal: (signal: keyof typeof signals) => void): () => void {
  const onCrash = (err: Error, origin: string): void => log.fatal({ err, origin }, 'crashed')
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('uncaughtExceptionMonitor', onCrash)
  return () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('uncaughtExceptionMonitor', onCrash)
}

function endProcess(code: number): void {
  process.exitCode = code
  setTimeout(() => process.exit(code), lingerMs).unref()
}

async function stopService(service: Service, options: ServeOptions): Promise<number> {
  service.kit.markStopping()
  if (options.unhealthyMs > 0) await wait(options.unhealthyMs)
  const drained = await drain(service, options)
  const closed = await closeComponents(options)
  options.log.info({ drained, closed }, 'stopped')
  return drained && closed ? exitCodes.stopped : exitCodes.notCleanlyStopped
}

async function drain(service: Service, { drainMs, log }: ServeOptions): Promise<boolean> {
  // A connection whose last answer was already promised keep-alive becomes idle after the first sweep: sweep again.
  const sweep = setInterval(() => service.server.closeIdleConnections(), sweepMs)
  service.kit.startDraining()
  const closing = service.close()
  const inTime = await within(closing, drainMs)
  if (inTime !== 'done') {
    log.warn({ drainMs, result: inTime }, 'open connections were cut')
    service.server.closeAllConnections()
    await within(closing, cutMs)
  }
  clearInterval(sweep)
  return inTime === 'done'
}

async function closeComponents({ components = [], closeMs = 5_000, log }: ServeOptions): Promise<boolean> {
  let clean = true
  for (const { name, close } of components
    .map((component) => ({ name: component.name, close: () => component.close() }))
    .reverse()) {
    const result = await within(Promise.resolve().then(close), closeMs)
    if (result === 'done') continue
    clean = false
    log.error(
      { component: name, closeMs, ...(result === 'late' ? {} : { err: result.error }) },
      'component did not close',
    )
  }
  return clean
}

/** Waits for `work`, but not for ever; never rejects. */
async function within(work: PromiseLike<unknown>, limitMs: number): Promise<'done' | 'late' | { error: unknown }> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'late')
  })
  const done = Promise.resolve(work).then(
    () => 'done' as const,
    (error: unknown) => ({ error }),
  )
  return await Promise.race([done, limit]).finally(() => clearTimeout(timer))
}
