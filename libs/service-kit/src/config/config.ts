import { defineErrors } from '@baton/model'
import { masked, maskUrls } from '../mask/mask.ts'
import { type Environment, readConfigFiles, readEnvironment } from './files.ts'
import { convict } from './formats.ts'
import type { Setting } from './setting.ts'

export { flag, integer, list, oneOf, type Setting, secret, text, url } from './setting.ts'

// biome-ignore lint/suspicious/noExplicitAny: a table of settings of any type; each keeps its own
type Settings = Readonly<Record<string, Setting<any>>>
export type ConfigOf<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }
/** Complaints about settings that do not go together; an empty list if they do. */
export type ConfigCheck<S extends Settings> = (config: ConfigOf<S>) => readonly string[]

export const configErrors = defineErrors({
  CONFIG_INVALID: { kind: 'invalid', says: 'the configuration is not valid:\n{complaints}' },
})

export interface ReadConfig<S extends Settings> {
  /**
   * Reads all settings: fallback < CONFIG_FILE < its `.local.json` twin < environment.
   * @throws CONFIG_INVALID naming everything that is wrong, one line each, secrets not repeated
   */
  (env: Environment): ConfigOf<S>
  /** The same settings as they may be shown: secrets as `***`, passwords in URLs masked. */
  shown(config: ConfigOf<S>): Record<string, unknown>
  readonly settings: S
}

/**
 * Declares every setting of a service, once.
 * @param check says what is wrong with settings that are fine one by one; may stand second or third
 */
export function defineConfig<const S extends Settings>(
  settings: S,
  ...more: [check?: ConfigCheck<S>] | [options: undefined | Record<string, never>, check?: ConfigCheck<S>]
): ReadConfig<S> {
  const check = more.find((one) => typeof one === 'function') as ConfigCheck<S> | undefined
  const schema = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, schemaOf(setting)]))

  function readConfig(env: Environment): ConfigOf<S> {
    const complaints: string[] = []
    const files = readConfigFiles(env, settings, complaints)
    const layered = convict<Record<string, unknown>>(schema, {
      env: readEnvironment(env, settings, complaints),
      args: [],
    })
    for (const file of files) layered.load(file)
    complaints.push(...validate(layered, settings))
    const config = withoutNulls(layered.getProperties()) as ConfigOf<S>
    if (complaints.length === 0) complaints.push(...(check?.(config) ?? []))
    if (complaints.length > 0) throw configErrors.CONFIG_INVALID({ complaints: complaints.map(asLine).join('\n') })
    return Object.freeze(config)
  }
  return Object.assign(readConfig, { settings, shown: (config: ConfigOf<S>) => shown(config, settings) })
}

// Everything is `sensitive` to convict, so that its messages hold what ours say and no value of its own choosing.
function schemaOf(setting: Setting<unknown>): Record<string, unknown> {
  const { env, format, fallback } = setting
  return { env, format, default: fallback ?? null, nullable: setting.optional, sensitive: true, setting }
}

function validate(layered: { validate(options: object): unknown }, settings: Settings): string[] {
  try {
    layered.validate({ allowed: 'strict' })
    return []
  } catch (error) {
    // Convict joins its complaints, `name: what is wrong`, by newlines.
    return (error as Error).message.split('\n').map((line) => withVariable(line, settings))
  }
}

function withVariable(complaint: string, settings: Settings): string {
  const name = complaint.slice(0, complaint.indexOf(':'))
  const setting = settings[name]
  return setting === undefined ? complaint : `${setting.env}:${complaint.slice(name.length + 1)} (setting ${name})`
}

function withoutNulls(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? undefined]))
}

function asLine(complaint: string): string {
  return `- ${complaint}`
}

function shown(config: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      settings[name]?.format === 'baton-secret' && value ? masked : shownValue(value),
    ]),
  )
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return maskUrls(value)
  return Array.isArray(value) ? value.map(shownValue) : value
}
