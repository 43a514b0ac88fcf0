import { fillIn } from './errors.ts'

/**
 * Why a build or step is in its state: one sentence a code, the same in views, CLI, API and feeds.
 * Braces are filled with the reason's arguments.
 */
export const reasons = {
  'ran.push': '{author} pushed {hash} to {ref}.',
  'ran.sweep': 'Found by the sweep at {time}: no hook came for this push.',
  'ran.registered': '{hash} was the head of {ref} when the repository was registered.',
  'ran.person': '{who} started it by hand.',
  'ran.again': '{who} ran #{number} again.',
  'ran.version': "The pipeline's own code changed in {hash}.",
  'ran.attempt': 'Attempt {attempt}: attempt {before} was lost.',
  'waits.queue': 'It waits for a free place in the queue.',
  'waits.limit': '{count} builds already wait for room in Marathon, the limit is {max}.',
  'waits.marathon': 'Marathon has not answered since {time}; nothing is lost.',
  'waits.version': 'Its pipeline is being assembled.',
  'waits.start': 'It was handed to Marathon; the task has not claimed the build yet.',
  'waits.step': 'It runs after {step}.',
  'skipped.ci': 'The commit message says {mark}.',
  'skipped.ref': '{ref} is not built here (built: {patterns}).',
  'skipped.paths': 'Nothing under {paths} changed.',
  'skipped.none': '{hash} has no pipeline.ts.',
  'skipped.gone': '{ref} does not reach {hash} any more.',
  'skipped.step': '{step} failed before it.',
  'skipped.removed': 'The repository was removed by {who}.',
  'superseded.newer': '{hash} came later on {ref}.',
  'lost.task': 'Its task ended without a report ({state}).',
  'lost.lease': 'No sign of life for {seconds} s; its lease ran out.',
  'lost.fenced': 'Attempt {attempt} took over.',
  'lost.placing': 'Marathon did not start it within {seconds} s.',
  'failure.code': '{step} ended with code {code}.',
  'failure.signal': '{step} was ended by {signal}.',
  'failure.threw': '{step} threw {name}: {message}',
  'failure.step': '{step} failed.',
  'failure.version': 'The pipeline is broken: {message}',
  'failure.assembly': 'The pipeline could not be assembled: {message}',
  'failure.refused': 'Marathon refused the app: {message}',
  'failure.resolve': 'The commit could not be read: {message}',
  'killed.person': '{who} killed it: {comment}',
  'killed.sibling': '{step} succeeded first.',
  'killed.stop': 'The platform was stopped by {who}.',
  'timed-out.step': '{step} ran longer than {seconds} s.',
  'timed-out.build': 'The build ran longer than {seconds} s.',
} as const

export type ReasonCode = keyof typeof reasons

/** A reason as it is stored and sent: the code, and what fills its sentence. */
export interface Reason {
  readonly code: ReasonCode
  readonly args: Readonly<Record<string, string | number>>
}

export const reasonCodes = Object.keys(reasons) as readonly ReasonCode[]

/** A reason. The arguments are checked against the sentence by the reasons' own test, not here. */
export function reason(code: ReasonCode, args: Reason['args'] = {}): Reason {
  return { code, args }
}

/** The sentence for people. A code this program does not know yet stays visible as itself. */
export function sentenceOf(why: { code: string; args: Reason['args'] }): string {
  const sentence: string | undefined = (reasons as Record<string, string>)[why.code]
  return sentence === undefined ? `${why.code} (this program is older than the server)` : fillIn(sentence, why.args)
}
