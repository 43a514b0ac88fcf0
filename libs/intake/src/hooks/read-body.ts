import { intakeErrors } from '../errors.ts'

/**
 * Reads a hook's body: JSON, or a form whose field `payload` holds it (GitHub, Gitea). What curl -d sends says that it is
 * a form, and is JSON. @throws HOOK_MALFORMED
 */
export function readBody(raw: Buffer, contentType: string | undefined, forge: string): unknown {
  const form = contentType?.startsWith('application/x-www-form-urlencoded') === true
  const whole = raw.toString('utf8')
  const payload = form ? new URLSearchParams(whole).get('payload') : null
  const body = parse(payload ?? whole)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  throw intakeErrors.HOOK_MALFORMED({ forge, why: 'its body is not a JSON object' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
