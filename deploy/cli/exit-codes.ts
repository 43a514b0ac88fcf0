import { type ErrorKind, isBatonError } from '@baton/model'

/** What a command ends with. Documented in deploy/README.md; scripts rely on it. */
export const exitCodes = {
  ok: 0,
  red: 1,
  usage: 2,
  missing: 3,
  refused: 4,
  unreachable: 5,
  bug: 70,
  interrupted: 130,
} as const

const codeOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: exitCodes.usage,
  missing: exitCodes.missing,
  conflict: exitCodes.refused,
  unauthorized: exitCodes.refused,
  forbidden: exitCodes.refused,
  limited: exitCodes.refused,
  unavailable: exitCodes.unreachable,
}

/** The exit code of an error: by who has to act. Anything that is not an expected no is a bug of ours. */
export function exitCodeOf(error: unknown): number {
  return isBatonError(error) ? codeOfKind[error.kind] : exitCodes.bug
}
