import type { Complaint } from '../http/refusal.ts'

/** What a JSON value must look like. A rule is a table: see `app-shape.ts`. */
export type Shape =
  | { kind: 'string'; min?: number; oneOf?: readonly string[] }
  | { kind: 'number'; min?: number; max?: number; integer?: boolean }
  | { kind: 'boolean' }
  | { kind: 'list'; of: Shape }
  | { kind: 'map'; of: Shape }
  | { kind: 'object'; fields: Record<string, Shape>; required?: readonly string[] }
  | { kind: 'any' }
  | { kind: 'either'; of: readonly Shape[] }

type Read = { value: unknown; complaints: Complaint[] }

/**
 * Reads `value` by `shape`: unknown fields and nulls fall out (null = not given, as in Marathon), everything wrong is
 * listed with play-json's codes, which is what Marathon's clients see.
 */
export function readShape(shape: Shape, value: unknown, path = ''): Read {
  return readers[shape.kind](shape as never, value, path)
}

const fine = (value: unknown): Read => ({ value, complaints: [] })
const wrong = (path: string, code: string): Read => ({
  value: undefined,
  complaints: [{ path: path || '/', errors: [code] }],
})

type Readers = { [K in Shape['kind']]: (shape: Extract<Shape, { kind: K }>, value: unknown, path: string) => Read }

const readers: Readers = {
  any: (_, value) => fine(value),
  boolean: (_, value, path) => (typeof value === 'boolean' ? fine(value) : wrong(path, 'error.expected.jsboolean')),
  string(shape, value, path) {
    if (typeof value !== 'string') return wrong(path, 'error.expected.jsstring')
    if (shape.min !== undefined && value.length < shape.min) return wrong(path, 'error.minLength')
    if (shape.oneOf && !shape.oneOf.includes(value)) return wrong(path, 'error.unknown.enum.literal')
    return fine(value)
  },
  number(shape, value, path) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(path, 'error.expected.jsnumber')
    if (shape.integer && !Number.isSafeInteger(value)) return wrong(path, 'error.expected.int')
    if (shape.min !== undefined && value < shape.min) return wrong(path, 'error.min')
    if (shape.max !== undefined && value > shape.max) return wrong(path, 'error.max')
    return fine(value)
  },
  list(shape, value, path) {
    if (!Array.isArray(value)) return wrong(path, 'error.expected.jsarray')
    const reads = value.map((item, index) => readShape(shape.of, item, `${path}(${index})`))
    return { value: reads.map((read) => read.value), complaints: reads.flatMap((read) => read.complaints) }
  },
  map(shape, value, path) {
    if (!isRecord(value)) return wrong(path, 'error.expected.jsobject')
    const reads = Object.entries(value).map(
      ([key, item]) => [key, readShape(shape.of, item, `${path}/${key}`)] as const,
    )
    return {
      value: Object.fromEntries(reads.map(([key, read]) => [key, read.value])),
      complaints: reads.flatMap(([, read]) => read.complaints),
    }
  },
  object: readFields,
  either(shape, value, path) {
    const reads = shape.of.map((one) => readShape(one, value, path))
    return reads.find((read) => read.complaints.length === 0) ?? reads.at(-1) ?? fine(value)
  },
}

function readFields(shape: Extract<Shape, { kind: 'object' }>, value: unknown, path: string): Read {
  if (!isRecord(value)) return wrong(path, 'error.expected.jsobject')
  const result: Record<string, unknown> = {}
  const complaints: Complaint[] = []
  for (const [name, field] of Object.entries(shape.fields)) {
    const given = value[name]
    if (given === undefined || given === null) continue
    const read = readShape(field, given, `${path}/${name}`)
    complaints.push(...read.complaints)
    result[name] = read.value
  }
  for (const name of shape.required ?? []) {
    if (value[name] === undefined || value[name] === null) {
      complaints.push({ path: `${path}/${name}`, errors: ['error.path.missing'] })
    }
  }
  return { value: result, complaints }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
