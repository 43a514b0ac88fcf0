import { errors } from '../errors.ts'
import { findDurationMs } from './duration.ts'

/** For each option: what it has to be, in words, and whether a value is that. */
export type Rules = Readonly<Record<string, { readonly needs: string; readonly holds: (value: unknown) => boolean }>>

const envName = /^[A-Za-z_][A-Za-z0-9_]*$/
const textLengthMax = 255
const listLengthMax = 1000

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= textLengthMax && !value.includes('\0')
const isNumberIn = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && value >= min && value <= max
const isWholeIn = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && isNumberIn(min, max)(value)
const isListOf = (holds: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length <= listLengthMax && value.every(holds)
const isEnvName = (value: unknown): boolean => typeof value === 'string' && envName.test(value)

function isEnv(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).every(
    ([name, text]) => isEnvName(name) && typeof text === 'string' && !text.includes('\0'),
  )
}

const duration = {
  needs: 'a duration like "90s", "20m" or "2h", at most a week',
  holds: (value: unknown) => findDurationMs(value) !== undefined,
}
const env = { needs: 'an object of texts, each named like a variable', holds: isEnv }
const steps = { needs: 'a list of steps', holds: Array.isArray }
const anyNode: Rules = {
  when: { needs: 'a function that gives true or false', holds: (value) => typeof value === 'function' },
  timeout: duration,
  env,
}

const cwd = { needs: 'a folder, seen from the workspace', holds: isText }

export const dynamicRules: Rules = { ...anyNode, cwd }
export const groupRules: Rules = {
  ...dynamicRules,
  finally: steps,
  workspace: { needs: '"own", or to be left out', holds: (value) => value === 'own' },
}
export const stepRules: Rules = {
  ...anyNode,
  retry: { needs: 'a whole number from 0 to 100', holds: isWholeIn(0, 100) },
  backoff: duration,
  cwd,
  secrets: { needs: 'a list of names of secrets', holds: isListOf(isEnvName) },
}
export const nodeRules: Readonly<Record<'checkout', Rules>> = {
  checkout: {
    depth: {
      needs: 'a whole number from 1, or "all"',
      holds: (value) => value === 'all' || isWholeIn(1, 1_000_000)(value),
    },
    submodules: { needs: 'true or false', holds: (value) => typeof value === 'boolean' },
  },
}
export const pipelineRules: Rules = {
  cpus: { needs: 'a number from 0.01 to 1024', holds: isNumberIn(0.01, 1024) },
  memMb: { needs: 'a number of MB from 32', holds: isNumberIn(32, 4_194_304) },
  mem: { needs: 'a number of MB from 32', holds: isNumberIn(32, 4_194_304) },
  diskMb: { needs: 'a number of MB from 0', holds: isNumberIn(0, 1e9) },
  timeout: { needs: 'a duration like "20m", from 1 s to a week', holds: (v) => (findDurationMs(v) ?? 0) >= 1000 },
  finally: steps,
  attempts: { needs: 'a whole number from 1 to 10', holds: isWholeIn(1, 10) },
  paths: { needs: 'a list of globs like "src/**"', holds: isListOf(isText) },
  env,
  image: { needs: 'the name of a container image', holds: isText },
}

/** Checks options against their rules; an unknown one is refused too, as it is most likely a typing error. */
export function checkOptions(options: unknown, rules: Rules, where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw errors.PIPELINE_INVALID({ where, complaint: 'its options are not an object' })
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = rules[name]
    if (rule === undefined) {
      const complaint = `there is no option "${name}" (there are: ${Object.keys(rules).join(', ')})`
      throw errors.PIPELINE_INVALID({ where, complaint })
    }
    if (value !== undefined && !rule.holds(value)) {
      throw errors.PIPELINE_INVALID({ where, complaint: `option ${name} needs ${rule.needs}` })
    }
  }
}
