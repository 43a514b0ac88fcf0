import { nearestTo } from './nearest.ts'
import type { Setting } from './setting.ts'

type Settings = Readonly<Record<string, Setting<unknown>>>

export interface CommandLine {
  /** Text by setting name, as it was given. */
  readonly values: ReadonlyMap<string, string>
  /** What `--config-file` named. */
  readonly configFile: string | undefined
}

const configFile = 'config-file'

/**
 * Reads `--setting-name value` and `--setting-name=value`; a flag may stand without a value, a list more than once. What
 * is wrong goes to `complaints`. Secrets are refused: every account of the machine reads the command lines of all others.
 */
export function readCommandLine(args: readonly string[], settings: Settings, complaints: string[]): CommandLine {
  const names = new Map(Object.keys(settings).map((name) => [optionOf(name), name]))
  const values = new Map<string, string>()
  let file: string | undefined
  const rest = [...args]
  while (rest.length > 0) {
    const found = takeOption(rest, complaints)
    if (found === undefined) continue
    const name = names.get(found.option)
    const setting = settings[name ?? '']
    if (found.option !== configFile && setting === undefined) {
      // Whatever follows a misspelt option is most likely its value, not a mistake of its own.
      if (found.value === undefined) takeValue(rest)
      complaints.push(
        `--${found.option}: there is no such option${nearestTo(found.option, [...names.keys(), configFile], '--')}`,
      )
      continue
    }
    const value = found.value ?? takeValue(rest) ?? (setting?.format === 'baton-flag' ? 'true' : undefined)
    const complaint = complaintAbout(value, setting, values.has(name ?? ''))
    if (complaint !== undefined) complaints.push(`--${found.option}: ${complaint}`)
    else if (name === undefined) file = value
    else
      values.set(
        name,
        setting?.format === 'baton-list' && values.has(name) ? `${values.get(name)},${value}` : `${value}`,
      )
  }
  return { values, configFile: file }
}

/** The option of a setting: `leaseMs` is `lease-ms`. */
export function optionOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function takeOption(rest: string[], complaints: string[]): { option: string; value: string | undefined } | undefined {
  const [, option, value] = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(rest.shift() ?? '') ?? []
  // Not repeated: what stands there by mistake may be a secret.
  if (option === undefined) complaints.push('command line: settings are given as --setting-name value')
  return option === undefined ? undefined : { option, value }
}

function takeValue(rest: string[]): string | undefined {
  return rest[0] === undefined || rest[0].startsWith('--') ? undefined : rest.shift()
}

function complaintAbout(
  value: string | undefined,
  setting: Setting<unknown> | undefined,
  isRepeated: boolean,
): string | undefined {
  if (setting?.format === 'baton-secret' || setting?.format === 'baton-secrets')
    return `a secret is seen by everybody there, give it as ${setting.env} or ${setting.env}_FILE`
  if (value === undefined) return 'needs a value'
  return isRepeated && setting?.format !== 'baton-list' ? 'is given twice' : undefined
}
