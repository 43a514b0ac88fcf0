import { Refusal } from '../http/refusal.ts'

type Labels = Readonly<Record<string, string>>
type Requirement = (labels: Labels) => boolean

const word = String.raw`((?:[A-Za-z0-9_.\-]|\\.)+)`
const inSet = new RegExp(String.raw`^${word}\s+(in|notin)\s+\(([^()]*)\)$`)
const compare = new RegExp(String.raw`^${word}\s*(==|!=)\s*${word}$`)
const exists = new RegExp(`^${word}$`)

/** Reads a label selector: `a`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, joined by commas. Every form needs the label. @throws 422 */
export function readSelector(selector: string): Requirement {
  const parts = splitOutside(selector).map(readRequirement)
  return (labels) => parts.every((part) => part(labels))
}

function readRequirement(part: string): Requirement {
  const set = inSet.exec(part)
  if (set) {
    const values = (set[3] ?? '').split(',').map((value) => plain(value.trim()))
    return (labels) => test(labels, set[1], (value) => values.includes(value) === (set[2] === 'in'))
  }
  const comparison = compare.exec(part)
  if (comparison) {
    const wanted = plain(comparison[3] ?? '')
    return (labels) => test(labels, comparison[1], (value) => (value === wanted) === (comparison[2] === '=='))
  }
  const existence = exists.exec(part)
  if (existence) return (labels) => test(labels, existence[1], () => true)
  throw new Refusal(422, { message: `Label selector could not be parsed: ${part.slice(0, 200)}` })
}

function test(labels: Labels, name: string | undefined, holds: (value: string) => boolean): boolean {
  const value = Object.hasOwn(labels, plain(name ?? '')) ? labels[plain(name ?? '')] : undefined
  return value !== undefined && holds(value)
}

const plain = (escaped: string) => escaped.replace(/\\(.)/g, '$1')

/** Commas inside parentheses belong to the set. */
function splitOutside(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((part) => part.trim())
}
