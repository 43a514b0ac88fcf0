import { errors } from '../errors.ts'

const depthMax = 100

/**
 * Checks that a value survives JSON unchanged, so that what `use` gives today is what a record gives back later.
 * @throws RESULT_NOT_JSON naming the first place that does not
 */
export function checkJson(value: unknown, path = 'the result', depth = 0): void {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value !== 'object') throw errors.RESULT_NOT_JSON({ path, what: nameOf(value) })
  if (depth > depthMax) throw errors.RESULT_NOT_JSON({ path, what: `nested deeper than ${depthMax}, or a circle` })
  if (!Array.isArray(value) && !isPlain(value)) throw errors.RESULT_NOT_JSON({ path, what: nameOf(value) })
  for (const [key, inner] of Object.entries(value)) {
    checkJson(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, depth + 1)
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && !('toJSON' in value)
}

function nameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `a ${value.constructor?.name ?? 'special object'}`
  return typeof value === 'number' ? String(value) : `a ${typeof value}`
}
