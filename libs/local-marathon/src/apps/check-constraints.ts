import type { Complaint } from '../http/refusal.ts'
import type { GivenApp } from './defaults.ts'

const isInteger = (value: string) => /^-?\d+$/.test(value)

/** What is wrong with the value of each operator, in Marathon's words. */
const operators: Readonly<Record<string, (value: string | undefined) => string | undefined>> = {
  UNIQUE: (value) => (value === undefined ? undefined : 'Value specified but not used'),
  CLUSTER: (value) => (value === undefined ? 'Missing value' : undefined),
  GROUP_BY: (value) =>
    value === undefined || isInteger(value) ? undefined : 'Value was specified but is not a number',
  MAX_PER: (value) =>
    value !== undefined && isInteger(value) ? undefined : 'Value was not specified or is not a number',
  LIKE: pattern,
  UNLIKE: pattern,
  IS: (value) => (value === undefined ? 'Missing value' : undefined),
}

function pattern(value: string | undefined): string | undefined {
  if (value === undefined) return 'A regular expression value must be provided'
  try {
    new RegExp(value)
    return undefined
  } catch {
    return `'${value}' is not a valid regular expression`
  }
}

export function checkConstraints(app: GivenApp): Complaint[] {
  return (app.constraints ?? []).flatMap((constraint, index) => {
    const wrong = problemOf(constraint)
    return wrong ? [{ path: `/constraints(${index})`, errors: [wrong] }] : []
  })
}

function problemOf([, operator = '', value, ...others]: readonly string[]): string | undefined {
  if (operator === '' || others.length > 0) return 'Each constraint must have either 2 or 3 fields'
  const check = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (!check) return `Constraint operator must be one of the following ${Object.keys(operators).join(', ')}`
  return check(value)
}
