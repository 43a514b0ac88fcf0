import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isBatonError, isOver } from '@baton/model'
import type { Recorder } from '@baton/pipeline/engine'
import type { AttemptClient, Result } from '@baton/state-client/attempt'
import type { Line } from '../attempt/line.ts'
import { crashPoint } from '../crash-point.ts'
import { startEventSender } from './event-sender.ts'
import { openJournal } from './journal.ts'
import { startOutputSender } from './output-sender.ts'
import { createOutputs } from './outputs.ts'
import { createWake } from './wake.ts'

/** The record of this attempt: in the sandbox first, then, beside the steps, at the controller. */
export interface Spool {
  readonly recorder: Recorder
  /** Sends what is left, then the result, until it is acknowledged. */
  report(result: Pick<Result, 'status' | 'reason' | 'usage'>): Promise<void>
  close(): void
}

export interface SpoolOptions {
  readonly folder: string
  readonly client: AttemptClient
  readonly line: Line
  /** What was written cannot be read any more, or nobody may send it: this attempt cannot end well. */
  onBroken(error: unknown): void
}

/** Opens the spool in a sandbox and starts sending. */
export function openSpool(options: SpoolOptions): Spool {
  const { client, line, onBroken } = options
  const folder = join(options.folder, 'output')
  mkdirSync(folder, { recursive: true })
  const journal = openJournal(options.folder)
  const outputs = createOutputs(folder)
  const [wake, progress] = [createWake(), createWake()]
  const onProgress = (): void => {
    wake.ring()
    progress.ring()
  }
  const outputSender = startOutputSender({ folder, outputs, client, line }, onProgress, onBroken)
  const events = startEventSender({ journal, outputs, client, line, wake }, onProgress, onBroken)

  const recorder: Recorder = {
    plan: (steps) => append({ type: 'plan', at: now(), steps: [...steps] }),
    step(id, status, { reason, result }) {
      append({
        type: 'step',
        at: now(),
        step: id,
        status,
        ...(reason && { reason }),
        ...(result !== undefined && { result }),
      })
      if (isOver(status)) outputSender.hurry(id)
    },
    outputPath(id) {
      outputs.track(id)
      return outputs.pathOf(id)
    },
  }
  function append(event: Parameters<typeof journal.append>[0]): void {
    crashPoint('journal.before-append')
    journal.append(event)
    crashPoint('journal.after-append')
    wake.ring()
  }

  const isAllSent = (): boolean => events.next >= journal.count && outputs.list().every(outputs.isWhole)

  async function report(result: Pick<Result, 'status' | 'reason' | 'usage'>): Promise<void> {
    events.hurry()
    for (;;) {
      outputSender.look()
      while (!isAllSent()) await progress.wait()
      crashPoint('result.before-post')
      const whole = { ...result, events: journal.count, outputs: outputs.sizes() }
      try {
        await line.ask((signal) => client.result(whole, signal))
        crashPoint('result.after-post')
        return
      } catch (error) {
        if (!isBatonError(error, 'RESULT_INCOMPLETE')) throw error
        sendAgain(error.fields)
      }
    }
  }

  /** The controller misses something. What it does not name is offered from the start: what it has, it passes over. */
  function sendAgain(wanted: Readonly<Record<string, unknown>>): void {
    const named = (wanted['outputs'] ?? {}) as Record<string, unknown>
    const isNamed = typeof wanted['events'] === 'number' || typeof wanted['outputs'] === 'object'
    // Those it is sure of are looked at no more, but may be among what it misses.
    for (const step of Object.keys(outputs.sizes())) {
      if (typeof named[step] === 'number') outputs.sentUpTo(step, named[step])
      else if (!isNamed) outputs.sentUpTo(step, 0)
    }
    if (typeof wanted['events'] === 'number') events.goBackTo(wanted['events'])
    else if (!isNamed) events.goBackTo(0)
  }
  return { recorder, report, close: outputSender.close }
}

const now = (): string => new Date().toISOString()
