/** What kinds of settings there are; each is a convict format of the same name. */
export type SettingFormat =
  | 'baton-integer'
  | 'baton-text'
  | 'baton-url'
  | 'baton-secret'
  | 'baton-secrets'
  | 'baton-choice'
  | 'baton-flag'
  | 'baton-list'

/** One setting: the variable that sets it, what may stand there, what holds if nothing does. `T` is what it becomes. */
export interface Setting<T> {
  readonly env: string
  readonly format: SettingFormat
  /** Absent: the setting is required, unless `optional`. */
  readonly fallback?: T
  readonly optional: boolean
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly protocols?: readonly string[]
}

type Optional = { readonly optional: true; readonly fallback?: never }
type Value<T, O> = O extends { readonly optional: true } ? T | undefined : T

function create<T>(format: SettingFormat, env: string, more: Partial<Setting<T>>): Setting<T> {
  return { ...more, env, format, optional: more.optional ?? false }
}

/** A whole number from `min` to `max`. Name the unit in the setting's own name: `drainMs`. */
export function integer<
  const O extends { min: number; max: number } & ({ fallback?: number; optional?: false } | Optional),
>(env: string, options: O): Setting<Value<number, O>> {
  return create('baton-integer', env, options)
}

/** Any text, shown as it is. */
export function text<const O extends { fallback?: string; optional?: false } | Optional>(
  env: string,
  options?: O,
): Setting<Value<string, O>> {
  return create('baton-text', env, options ?? {})
}

/** An absolute URL, http or https unless `protocols` (without colon) says otherwise; shown without its password. */
export function url<
  const O extends ({ fallback?: string; optional?: false } | Optional) & { readonly protocols?: readonly string[] },
>(env: string, options?: O): Setting<Value<string, O>> {
  return create('baton-url', env, options ?? {})
}

/** Text that is never shown. `<env>_FILE` may name a file that holds it; a newline at its end does not count. */
export function secret<const O extends { fallback?: string; optional?: false } | Optional>(
  env: string,
  options?: O,
): Setting<Value<string, O>> {
  return create('baton-secret', env, options ?? {})
}

/** Several secrets, as a list of texts; shown as that many `***`. `<env>_FILE` may name a file with one on each line. */
export function secrets(env: string, options: { fallback?: readonly string[] } = {}): Setting<readonly string[]> {
  return create('baton-secrets', env, options)
}

/** One of the named words. */
export function oneOf<const C extends readonly [string, ...string[]]>(
  env: string,
  choices: C,
  options: { fallback?: C[number] } = {},
): Setting<C[number]> {
  return create('baton-choice', env, { ...options, choices })
}

/** `true` or `false`; in the environment also 1, yes, on and 0, no, off. */
export function flag(env: string, options: { fallback?: boolean } = {}): Setting<boolean> {
  return create('baton-flag', env, options)
}

/** Several texts; in the environment with commas between them, spaces around them do not count. */
export function list(env: string, options: { fallback?: readonly string[] } = {}): Setting<readonly string[]> {
  return create('baton-list', env, options)
}
