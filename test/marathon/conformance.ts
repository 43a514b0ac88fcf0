import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

const ajv = new Ajv({ strict: false, allErrors: true })
formats.default(ajv)
const compiled = new Map<string, ValidateFunction>()

/** Throws with every difference between `value` and the schema of that name. */
export function expectConforms(name: string, value: unknown): void {
  let validate = compiled.get(name)
  if (!validate) {
    validate = ajv.compile(
      JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', `${name}.schema.json`), 'utf8')),
    )
    compiled.set(name, validate)
  }
  if (validate(value)) return
  const differences = (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`).join('\n')
  throw new Error(`not as Marathon's ${name}:\n${differences}\n${JSON.stringify(value).slice(0, 2_000)}`)
}
