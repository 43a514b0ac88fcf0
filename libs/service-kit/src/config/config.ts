import { defineErrors } from '@baton/model'
import { masked, maskedDeep } from '../mask/mask.ts'
import { type CommandLine, optionOf, readCommandLine } from './command-line.ts'
import { type Environment, readConfigFiles, readEnvironment } from './files.ts'
import { convict } from './formats.ts'
import type { Setting } from './setting.ts'

export { flag, integer, list, oneOf, type Setting, secret, secrets, text, url } from './setting.ts'

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
   * Reads all settings: fallback < CONFIG_FILE < its `.local.json` twin < environment < command line.
   * @param args what stands on the command line after the program: `process.argv.slice(2)`
   * @throws CONFIG_INVALID naming everything that is wrong, one line each, secrets not repeated
   */
  (env: Environment, args?: readonly string[]): ConfigOf<S>
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

  function readConfig(env: Environment, args: readonly string[] = []): ConfigOf<S> {
    const complaints: string[] = []
    const given = readCommandLine(args, settings, complaints)
    const files = readConfigFiles(configFileOf(env, given), settings, complaints)
    const layered = convict<Record<string, unknown>>(schema, {
      env: readEnvironment(env, settings, complaints),
      args: [],
    })
    for (const file of files) layered.load(file)
    for (const [name, value] of given.values) layered.set(name, value)
    complaints.push(...validate(layered, (name) => labelOf(name, settings, given.values)))
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

function configFileOf(env: Environment, { configFile }: CommandLine): { path: string | undefined; by: string } {
  return configFile === undefined
    ? { path: env['CONFIG_FILE'], by: 'CONFIG_FILE' }
    : { path: configFile, by: '--config-file' }
}

function validate(layered: { validate(options: object): unknown }, label: (name: string) => string): string[] {
  try {
    layered.validate({ allowed: 'strict' })
    return []
  } catch (error) {
    // Convict joins its complaints, `name: what is wrong`, by newlines.
    return (error as Error).message.split('\n').map((line) => {
      const name = line.slice(0, line.indexOf(':'))
      return `${label(name)}:${line.slice(name.length + 1)} (setting ${name})`
    })
  }
}

/** Where an operator mends a setting: on the command line if it stands there, else in its variable. */
function labelOf(name: string, settings: Settings, given: ReadonlyMap<string, string>): string {
  return given.has(name) ? `--${optionOf(name)}` : (settings[name]?.env ?? name)
}

function withoutNulls(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? undefined]))
}

function asLine(complaint: string): string {
  return `- ${complaint}`
}

function shown(config: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, isSecret(settings[name]) ? hidden(value) : maskedDeep(value)]),
  )
}

function isSecret(setting: Setting<unknown> | undefined): boolean {
  return setting?.format === 'baton-secret' || setting?.format === 'baton-secrets'
}

/** Whether there is a secret, and how many, is no secret. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(() => masked)
  return value ? masked : value
}
