import type { Reason, StepStatus } from '@baton/model'
import type { Recorder } from '../run/recorder.ts'
import { groupKinds } from '../tree/node.ts'
import type { VirtualClock } from './clock.ts'
import type { Names } from './names.ts'

export interface LoggedCommand {
  readonly step: string
  readonly script: string
  /** On the virtual clock, in ms since the build began. */
  readonly atMs: number
}

export interface LoggedStep {
  readonly status: StepStatus
  readonly reason: Reason | undefined
  /** What it returned. */
  readonly result: unknown
  /** How often it was tried. */
  readonly tries: number
  /** On the virtual clock, in ms since the build began; nothing for what never ran. */
  readonly startedMs: number | undefined
  readonly endedMs: number | undefined
}

/** Notes what happens in a simulation. */
export interface Log {
  readonly recorder: Recorder
  readonly ran: readonly string[]
  readonly commands: readonly LoggedCommand[]
  of(stepId: string): LoggedStep
  /** @returns which try it is, from 1 */
  tried(stepId: string): number
  began(stepId: string, script: string): void
}

const isGroupKind = (kind: string): boolean => ['dynamic', ...groupKinds].includes(kind)
const untouched: LoggedStep = {
  status: 'queued',
  reason: undefined,
  result: undefined,
  tries: 0,
  startedMs: undefined,
  endedMs: undefined,
}

export function createLog(names: Names, clock: VirtualClock): Log {
  const steps = new Map<string, LoggedStep>()
  const leaves = new Set<string>()
  const ran: string[] = []
  const commands: LoggedCommand[] = []
  const of = (id: string): LoggedStep => steps.get(id) ?? untouched
  const change = (id: string, more: Partial<LoggedStep>): void => void steps.set(id, { ...of(id), ...more })
  return {
    ran,
    commands,
    of,
    tried(id) {
      change(id, { tries: of(id).tries + 1 })
      return of(id).tries
    },
    began: (id, script) => void commands.push({ step: names.nameOf(id), script, atMs: clock.nowMs }),
    recorder: {
      plan(planned) {
        names.learn(planned)
        for (const { id, kind } of planned) if (!isGroupKind(kind)) leaves.add(id)
      },
      step(id, status, { reason, result }) {
        change(id, { status, reason, result })
        if (status === 'running') change(id, { startedMs: clock.nowMs })
        else if (of(id).startedMs !== undefined) change(id, { endedMs: clock.nowMs })
        if (status === 'running' && leaves.has(id)) ran.push(names.nameOf(id))
      },
      outputPath: (id) => id,
    },
  }
}
