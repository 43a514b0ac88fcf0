import { readFileSync } from 'node:fs'
import { nearestTo } from './nearest.ts'
import type { Setting } from './setting.ts'

type Settings = Readonly<Record<string, Setting<unknown>>>
export type Environment = Readonly<Record<string, string | undefined>>

/** The contents of the configuration file and of its local twin, in this order; what is wrong goes to `complaints`. */
export function readConfigFiles(
  named: { path: string | undefined; by: string },
  settings: Settings,
  complaints: string[],
): Record<string, unknown>[] {
  const { path, by } = named
  if (!path) return []
  const found = [
    readJson(path, by, complaints),
    readJson(`${path.replace(/\.json$/, '')}.local.json`, undefined, complaints),
  ]
  const files = found.filter((file) => file !== undefined)
  for (const { content, path } of files) {
    for (const [key, value] of Object.entries(content)) {
      if (!Object.hasOwn(settings, key)) complaints.push(unknownKey(path, key, Object.keys(settings)))
      else if (isObject(value)) complaints.push(`${path}: setting ${key} cannot be an object`)
    }
  }
  return files.map(({ content }) => keepKnown(content, settings))
}

/** The environment as convict reads it: an empty variable is an absent one, NAME_FILE of a secret has become NAME. */
export function readEnvironment(env: Environment, settings: Settings, complaints: string[]): Record<string, string> {
  const read = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])))
  for (const { env: name, format } of Object.values(settings)) {
    const path = read[`${name}_FILE`]
    if ((format !== 'baton-secret' && format !== 'baton-secrets') || path === undefined) continue
    if (read[name] !== undefined) complaints.push(`${name}: both ${name} and ${name}_FILE are set, give one of them`)
    const content = readText(path, `${name}_FILE`, complaints)
    if (content !== undefined) read[name] = content.replace(/\r?\n$/, '')
  }
  return read
}

interface ConfigFile {
  readonly path: string
  readonly content: Record<string, unknown>
}

function readJson(path: string, namedBy: string | undefined, complaints: string[]): ConfigFile | undefined {
  const text = readText(path, namedBy, complaints)
  if (text === undefined) return undefined
  try {
    const content: unknown = JSON.parse(text)
    if (isObject(content)) return { path, content: { ...content } }
    complaints.push(`${path}: must hold one JSON object`)
  } catch {
    // The parser's own message repeats part of the file, which may hold a secret.
    complaints.push(`${path}: is not JSON`)
  }
  return undefined
}

/** The file's text. A missing file is a complaint only if a setting names it. */
function readText(path: string, namedBy: string | undefined, complaints: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (namedBy !== undefined) complaints.push(`${namedBy}: cannot read ${path} (${code})`)
    else if (code !== 'ENOENT') complaints.push(`${path}: cannot be read (${code})`)
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keepKnown(content: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).filter(([key, value]) => Object.hasOwn(settings, key) && !isObject(value)),
  )
}

function unknownKey(path: string, key: string, known: string[]): string {
  return `${path}: there is no setting ${JSON.stringify(key)}${nearestTo(key, known)}`
}
