import { isBatonError, type Reason, reason } from '@baton/model'
import { maskText } from '../output/mask.ts'
import type { StepOutput } from '../output/step-output.ts'

const messageLengthMax = 500

/** Why a step failed, from what it threw. A command that failed is a code; anything else was thrown. */
export function failureOf(step: string, error: unknown, needles: readonly Buffer[]): Reason {
  if (isBatonError(error, 'SH_FAILED')) return reason('failure.code', { step, code: Number(error.fields['code']) })
  if (isBatonError(error, 'SH_SIGNALLED'))
    return reason('failure.signal', { step, signal: String(error.fields['signal']) })
  const name = isBatonError(error) ? error.code : error instanceof Error ? error.name : typeof error
  const message = error instanceof Error ? error.message : String(error)
  return reason('failure.threw', { step, name, message: maskText(message.slice(0, messageLengthMax), needles) })
}

/** Shows in the output what was thrown. The end of a command needs no words: the step's reason says it. */
export function writeThrown(output: StepOutput | undefined, error: unknown): void {
  if (isBatonError(error, 'SH_FAILED') || isBatonError(error, 'SH_SIGNALLED')) return
  output?.line(textOf(error))
}

function textOf(error: unknown): string {
  if (isBatonError(error)) return `${error.code}: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`
  if (!(error instanceof Error)) return `thrown: ${String(error)}`
  const stack = error.stack ?? ''
  const whole = stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`
  return error.cause === undefined ? whole : `${whole}\ncaused by ${textOf(error.cause)}`
}
