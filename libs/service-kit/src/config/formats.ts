import convict from 'convict'
import { maskUrls } from '../mask/mask.ts'
import type { Setting, SettingFormat } from './setting.ts'

type Rule = Pick<Setting<unknown>, 'min' | 'max' | 'choices' | 'protocols'>

interface Format {
  /** What text from the environment means; text that means nothing stays as it is and is complained about. */
  readonly coerce: (value: string) => unknown
  /** What had to stand there, or nothing if `value` is fine. */
  readonly complain: (value: unknown, rule: Rule) => string | undefined
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
}
const asIs = (value: string): string => value
const wantText = (value: unknown): string | undefined => (typeof value === 'string' ? undefined : 'must be text')

const formats: Record<SettingFormat, Format> = {
  'baton-integer': {
    coerce: (value) => (/^\s*-?\d{1,15}\s*$/.test(value) ? Number(value) : value),
    complain: (value, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max
        ? undefined
        : `must be a whole number from ${min} to ${max}`,
  },
  'baton-text': { coerce: asIs, complain: wantText },
  'baton-secret': { coerce: asIs, complain: wantText },
  'baton-url': { coerce: (value) => value.trim(), complain: complainAboutUrl },
  'baton-choice': {
    coerce: asIs,
    complain: (value, { choices = [] }) =>
      choices.some((choice) => choice === value) ? undefined : `must be one of ${choices.join(', ')}`,
  },
  'baton-flag': {
    coerce: (value) => flags[value.trim().toLowerCase()] ?? value,
    complain: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  },
  'baton-list': { coerce: (value) => splitAt(value, ','), complain: wantTexts },
  'baton-secrets': { coerce: (value) => splitAt(value, /[,\n]/), complain: wantTexts },
}

function splitAt(value: string, separator: string | RegExp): string[] {
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function wantTexts(value: unknown): string | undefined {
  const isList = Array.isArray(value) && value.every((part) => typeof part === 'string')
  return isList ? undefined : 'must be a list of texts'
}

function complainAboutUrl(value: unknown, { protocols = ['http', 'https'] }: Rule): string | undefined {
  const wanted = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}:`).join(' or ')}`
  if (typeof value !== 'string' || !URL.canParse(value)) return wanted
  return protocols.includes(new URL(value).protocol.slice(0, -1)) ? undefined : wanted
}

/** What is wrong with `value`, said so that it may be printed: secrets are not repeated, URLs are masked. */
function complaintAbout(format: SettingFormat, value: unknown, setting: Setting<unknown>): string | undefined {
  if (value === null) return setting.optional ? undefined : 'is required and not set'
  const complaint = formats[format].complain(value, setting)
  if (complaint === undefined || format === 'baton-secret' || format === 'baton-secrets') return complaint
  return `${complaint}, not ${maskUrls(JSON.stringify(value) ?? String(value)).slice(0, shownLengthMax)}`
}

const shownLengthMax = 200

// Convict keeps its formats in one table for the whole process; the prefix keeps ours apart.
for (const [name, { coerce }] of Object.entries(formats)) {
  convict.addFormat({
    name,
    coerce,
    validate(value: unknown, schema) {
      const complaint = complaintAbout(name as SettingFormat, value, schema['setting'] as Setting<unknown>)
      if (complaint !== undefined) throw new Error(complaint)
    },
  })
}

export { convict }
