/** How a supervisor is asked to end. `drain`: let running builds end first. `leave`: at once, everything else runs on. */
export type StopKind = 'drain' | 'leave'

export interface StopSignals {
  /** Resolves with the first wish. */
  readonly first: Promise<StopKind>
  /** Resolves when somebody does not want to wait for the drain. */
  readonly second: Promise<void>
  close(): void
}

/** npm passes Ctrl-C on to a process that the terminal told already: within so many ms it is the same one. */
const sameMs = 700

/** The signal by which `baton down` asks the supervisor to let go of Marathon, which it then takes down itself. */
export const leaveSignal = 'SIGUSR2'
const drainSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function listenForStop(target: NodeJS.EventEmitter = process, now = () => performance.now()): StopSignals {
  let firstMs: number | undefined
  let resolveFirst: (kind: StopKind) => void = () => {}
  let resolveSecond: () => void = () => {}
  const first = new Promise<StopKind>((resolve) => {
    resolveFirst = resolve
  })
  const second = new Promise<void>((resolve) => {
    resolveSecond = resolve
  })
  const onDrain = () => {
    if (firstMs !== undefined && now() - firstMs > sameMs) resolveSecond()
    firstMs ??= now()
    resolveFirst('drain')
  }
  const onLeave = () => {
    resolveFirst('leave')
    resolveSecond()
  }
  for (const signal of drainSignals) target.on(signal, onDrain)
  target.on(leaveSignal, onLeave)
  const close = () => {
    for (const signal of drainSignals) target.off(signal, onDrain)
    target.off(leaveSignal, onLeave)
  }
  return { first, second, close }
}
