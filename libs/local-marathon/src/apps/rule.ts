import type { Complaint } from '../http/refusal.ts'
import type { GivenApp } from './defaults.ts'

/** Something that has to hold for a whole app. */
export interface Rule {
  /** `/` is the whole object. */
  readonly path: string
  /** The message when the rule is broken; nothing when it holds. */
  readonly broken: (app: GivenApp) => string | false | undefined
}

export function checkRules(rules: readonly Rule[], app: GivenApp): Complaint[] {
  return rules.flatMap(({ path, broken }) => {
    const message = broken(app)
    return message ? [{ path, errors: [message] }] : []
  })
}

/** What Marathon says of a feature that nobody switched on, its parenthesis included. */
export const notEnabled = (feature: string) =>
  `Feature ${feature} is not enabled. Enable with --enable_features ${feature})`

export const has = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0
export const repeats = (values: readonly unknown[]) => new Set(values).size < values.length
