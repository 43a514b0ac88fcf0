import { Refusal, refuseInvalid, refuseTypes } from '../http/refusal.ts'
import type { AppDefinition, AppVersion } from './app.ts'
import { readPath } from './app-id.ts'
import { appFields } from './app-shape.ts'
import { checkApp } from './check-app.ts'
import { type GivenApp, withDefaults } from './defaults.ts'
import { readShape, type Shape } from './shape.ts'

/** A request body as JSON. @throws 400 as Marathon does: empty, or not JSON */
export function readJson(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  if (text.trim() === '')
    throw new Refusal(400, { message: 'Please specify data in JSON format', details: 'No content to map' })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(400, { message: 'Invalid JSON', details: error instanceof Error ? error.message : String(error) })
  }
}

/** The types of a given app. @throws 422 with one line for each wrong field */
export function readGivenApp(json: unknown, required: readonly string[] = []): GivenApp {
  const { value, complaints } = readShape({ kind: 'object', fields: appFields, required }, json)
  if (complaints.length > 0) throw refuseTypes(complaints)
  return value as GivenApp
}

/** Several, each with its id. @throws 422 */
export function readGivenApps(json: unknown): GivenApp[] {
  const shape: Shape = { kind: 'list', of: { kind: 'object', fields: appFields, required: ['id'] } }
  const { value, complaints } = readShape(shape, json)
  if (complaints.length > 0) throw refuseTypes(complaints)
  const all = value as GivenApp[]
  for (const given of all) checkVersionStandsAlone(given)
  return all
}

/** An update names an older version, or what to change; not both. @throws 422 */
export function checkVersionStandsAlone({ version, id: _, ...others }: GivenApp): void {
  if (version === undefined || Object.keys(others).length === 0) return
  throw refuseInvalid([{ path: '/', errors: ["The 'version' field may only be combined with the 'id' field."] }])
}

/** A whole definition for a new app or a full replacement. @throws 422 */
export function readDefinition(given: GivenApp, id: string, base = '/'): AppDefinition {
  const complaints = checkApp({ ...given, id })
  if (complaints.length > 0) throw refuseInvalid(complaints)
  const definition = withDefaults(given, id)
  if (definition.dependencies)
    definition.dependencies = definition.dependencies.map((one) => readPath(one, base, '/dependencies'))
  return definition
}

/**
 * What a PUT makes of the present definition. It is a patch: what is not named stays, and objects and maps are replaced
 * whole. So it cannot take `cmd`, `args` or `container` away: that needs the full definition, as in Marathon.
 */
export function readUpdate(current: AppVersion, given: GivenApp): AppDefinition {
  const { version: _, ...present } = structuredClone(current.definition) as GivenApp
  const { executorResources: __, resourceLimits: ___, ...kept } = present
  const merged: GivenApp = { ...kept, ...given, id: current.definition.id }
  if (given.uris !== undefined) delete merged.fetch
  if (given.ports !== undefined) delete merged.portDefinitions
  return readDefinition(merged, current.definition.id)
}

/** A port that is 0 keeps the service port that its place had. */
export function keepPortNumbers(definition: AppDefinition, current: AppVersion): AppDefinition {
  if (!definition.portDefinitions) return definition
  const before = current.definition.portDefinitions ?? []
  const portDefinitions = definition.portDefinitions.map((port, index) => ({
    ...port,
    port: port.port || (before[index]?.port ?? 0),
  }))
  return { ...definition, portDefinitions }
}
