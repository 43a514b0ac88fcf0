import { isBatonError, isOver } from '@baton/model'
import type { Log } from '@baton/service-kit'
import type { AttemptClient, PipelineEvent, RemovePayload } from '@baton/state-client'
import type { Marathon } from '../marathon/marathon.ts'
import { readJournal, stepsOf } from './journal.ts'

export interface SalvageOptions {
  readonly marathon: Pick<Marathon, 'readSandboxFile'>
  readonly log: Log
  attempts(pipeline: string, number: number, attempt: number): AttemptClient
}

const readBytes = 1024 * 1024
const journalBytesMax = 64 * 1024 * 1024
const batchEventsMax = 1_000
const batchBytesMax = 1024 * 1024
/** How often in a row the controller may name another place to go on, for one file. */
const gapsMax = 20

/**
 * Sends what a dead attempt wrote into its sandbox and did not send. The end of a step is sent only after its output:
 * whoever sees a step that is over finds its output whole. Numbers and offsets make a repeat change nothing.
 * @param host of the task's agent, as Marathon named it. The process's own word does not count: who is asked is told
 * the account for Marathon. A local Marathon needs none.
 * @throws when the agent or the controller is away
 */
export async function salvage(
  options: SalvageOptions,
  payload: RemovePayload,
  host: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const task = findTask(payload, host)
  if (task === undefined) {
    const { pipeline, number, attempt, taskId } = payload
    options.log.warn(
      { pipeline, number, attempt, taskId },
      'what claimed was no task of this app: its sandbox is not read',
    )
    return
  }
  const { stored } = payload
  const attempt = options.attempts(payload.pipeline, payload.number, payload.attempt)
  const files: Files = (path, offset) => {
    signal.throwIfAborted()
    return options.marathon.readSandboxFile(task, path, { offset, length: readBytes })
  }
  const events = readJournal(await readWhole(files, 'baton/journal.ndjson'))
  const sentTo = new Map(Object.entries(stored.outputs))
  const sendStep = (step: string) =>
    unlessUnwanted(options, payload, async () => {
      sentTo.set(step, await sendOutput(files, attempt, step, sentTo.get(step) ?? 0, signal))
    })
  await unlessUnwanted(options, payload, () => sendEvents({ events, attempt, signal, sendStep }, stored.nextEvent))
  for (const step of new Set([...stepsOf(events), ...sentTo.keys()])) await sendStep(step)
}

/** Bytes of a file of the sandbox from an offset on; nothing, if it is not there. */
type Files = (path: string, offset: number) => Promise<Buffer | undefined>

/**
 * The claimed task, if it is one of this very app. The process named it, so it is checked: Marathon makes a task's id of
 * the app's, and another task's sandbox is nobody's business.
 */
export function findTask(
  { appId, taskId }: Pick<RemovePayload, 'appId' | 'taskId'>,
  host: string | undefined,
): { id: string; host: string } | undefined {
  if (taskId === null || !taskId.startsWith(`${appId.slice(1).replaceAll('/', '_')}.`)) return undefined
  if (!/^[\w.-]{1,300}$/.test(taskId)) return undefined
  return { id: taskId, host: host ?? 'localhost' }
}

/** What the controller does not want, or cannot use, is passed over; the other files may still be wanted. */
async function unlessUnwanted(
  { log }: SalvageOptions,
  { pipeline, number, attempt }: RemovePayload,
  send: () => Promise<void>,
): Promise<void> {
  try {
    await send()
  } catch (error) {
    const notNow = ['unavailable', 'limited', 'unauthorized']
    if (!isBatonError(error) || notNow.includes(error.kind)) throw error
    log.warn({ err: error, pipeline, number, attempt }, 'the controller does not want this of a dead attempt')
  }
}

async function readWhole(files: Files, path: string): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  while (length < journalBytesMax) {
    const piece = await files(path, length)
    if (piece === undefined || piece.length === 0) break
    pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces, length).toString('utf8')
}

interface Sending {
  readonly events: readonly PipelineEvent[]
  readonly attempt: AttemptClient
  readonly signal: AbortSignal
  sendStep(step: string): Promise<void>
}

async function sendEvents({ events, attempt, signal, sendStep }: Sending, nextEvent: number): Promise<void> {
  let next = nextEvent
  const sendUpTo = async (end: number) => {
    next = await goOnWhereWanted('EVENTS_GAP', next, async (from) => {
      if (from >= end) return undefined
      return (await attempt.events({ from, events: batchOf(events, from, end) }, signal)).next
    })
  }
  for (const [number, event] of events.entries()) {
    if (number < nextEvent || event.type !== 'step' || !isOver(event.status)) continue
    await sendUpTo(number)
    await sendStep(event.step)
  }
  await sendUpTo(events.length)
}

/** Events from `from` to before `end`, as many as one request should carry. */
function batchOf(events: readonly PipelineEvent[], from: number, end: number): PipelineEvent[] {
  const batch: PipelineEvent[] = []
  let bytes = 0
  for (const event of events.slice(from, Math.min(end, from + batchEventsMax))) {
    bytes += JSON.stringify(event).length
    if (batch.length > 0 && bytes > batchBytesMax) break
    batch.push(event)
  }
  return batch
}

async function sendOutput(
  files: Files,
  attempt: AttemptClient,
  step: string,
  stored: number,
  signal: AbortSignal,
): Promise<number> {
  return await goOnWhereWanted('OUTPUT_GAP', stored, async (offset) => {
    const bytes = await files(`baton/output/${step}.log`, offset)
    if (bytes === undefined || bytes.length === 0) return undefined
    return (await attempt.output(step, offset, bytes, signal)).next
  })
}

/** Sends from `first` on until `send` says that nothing is left, going to wherever the controller wants to go on; answers how far it came. */
async function goOnWhereWanted(
  gapCode: string,
  first: number,
  send: (from: number) => Promise<number | undefined>,
): Promise<number> {
  let from = first
  for (let gaps = 0; gaps <= gapsMax; ) {
    try {
      const next = await send(from)
      if (next === undefined) return from
      gaps = next > from ? 0 : gaps + 1
      from = next
    } catch (error) {
      const want = isBatonError(error, gapCode) ? Number(error.fields['want']) : Number.NaN
      if (!Number.isSafeInteger(want) || want < 0) throw error
      gaps += 1
      from = want
    }
  }
  return from
}
