/** Who acts on a no, and what HTTP calls it. Anything that is not one of these is a bug: 500. */
export const errorKinds = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'This token may not do that' },
  missing: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'The world moved on' },
  limited: { status: 429, title: 'Too many, too fast' },
  unavailable: { status: 503, title: 'Not possible right now' },
} as const

export type ErrorKind = keyof typeof errorKinds

/** An expected no: a stable code, a sentence for people, the fields it was made of, and what to do. */
export class BatonError extends Error {
  readonly code: string
  readonly kind: ErrorKind
  readonly fields: Readonly<Record<string, unknown>>
  readonly hint: string | undefined

  constructor(
    code: string,
    kind: ErrorKind,
    message: string,
    more: { fields?: Record<string, unknown>; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'BatonError'
    this.code = code
    this.kind = kind
    this.fields = more.fields ?? {}
    this.hint = more.hint
  }

  get status(): number {
    return errorKinds[this.kind].status
  }
}

interface ErrorSpec {
  readonly kind: ErrorKind
  readonly says: string
  readonly hint?: string
}

type FieldsOf<S extends string> = S extends `${string}{${infer F}}${infer Rest}` ? F | FieldsOf<Rest> : never
type FieldArgs<S extends string> = { readonly [K in FieldsOf<S>]: string | number | boolean }
type Make<S extends ErrorSpec> =
  FieldsOf<S['says'] | (S['hint'] extends string ? S['hint'] : never)> extends never
    ? (cause?: unknown) => BatonError
    : (fields: FieldArgs<S['says'] | (S['hint'] extends string ? S['hint'] : never)>, cause?: unknown) => BatonError

/**
 * Makes one constructor for each way a part says no. `{name}` in `says` or `hint` is a field the caller must give:
 * a forgotten one does not compile.
 *
 *     const errors = defineErrors({ BUILD_UNKNOWN: { kind: 'missing', says: 'there is no build {number} of {pipeline}' } })
 *     throw errors.BUILD_UNKNOWN({ pipeline, number })
 */
export function defineErrors<const T extends Record<string, ErrorSpec>>(
  table: T,
): { readonly [K in keyof T]: Make<T[K]> } {
  const made: Record<string, (a?: unknown, b?: unknown) => BatonError> = {}
  for (const [code, spec] of Object.entries(table)) {
    const hasFields = /\{\w+\}/.test(spec.says + (spec.hint ?? ''))
    made[code] = (a, b) => {
      const fields = hasFields ? (a as Record<string, unknown>) : {}
      const hint = spec.hint === undefined ? undefined : fillIn(spec.hint, fields)
      return new BatonError(code, spec.kind, fillIn(spec.says, fields), { fields, hint, cause: hasFields ? b : a })
    }
  }
  return made as { readonly [K in keyof T]: Make<T[K]> }
}

/** Replaces `{name}` by the field of that name; an absent field stays visible as `{name}`. */
export function fillIn(sentence: string, fields: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (name in fields ? String(fields[name]) : whole))
}

/** Whether `error` is an expected no, of this code if one is named. Holds across bundles: it looks at the shape. */
export function isBatonError(error: unknown, code?: string): error is BatonError {
  if (!(error instanceof Error) || error.name !== 'BatonError') return false
  return code === undefined || (error as BatonError).code === code
}
