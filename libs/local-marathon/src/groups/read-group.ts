import { appFields } from '../apps/app-shape.ts'
import type { GivenApp } from '../apps/defaults.ts'
import { readShape, type Shape } from '../apps/shape.ts'
import { type Complaint, refuseInvalid, refuseTypes } from '../http/refusal.ts'

/** A group as given, types already checked. */
export interface GivenGroup {
  readonly id?: string
  readonly apps?: readonly (GivenApp & { id: string })[]
  readonly groups?: readonly GivenGroup[]
  readonly dependencies?: readonly string[]
  readonly scaleBy?: number
  readonly version?: string
  readonly enforceRole?: boolean
}

const fields: Record<string, Shape> = {
  id: { kind: 'string' },
  apps: { kind: 'list', of: { kind: 'object', fields: appFields, required: ['id'] } },
  dependencies: { kind: 'list', of: { kind: 'string' } },
  scaleBy: { kind: 'number', min: 0 },
  version: { kind: 'string' },
  enforceRole: { kind: 'boolean' },
}
const group: Shape = { kind: 'object', fields }
fields['groups'] = { kind: 'list', of: group }

/** Reads a body of POST or PUT. @throws 422 */
export function readGivenGroup(json: unknown): GivenGroup {
  const { value, complaints } = readShape(group, json)
  if (complaints.length > 0) throw refuseTypes(complaints)
  const given = value as GivenGroup
  const broken = checkAlone(given, '')
  if (broken.length > 0) throw refuseInvalid(broken)
  return given
}

/** A version or a scale stands alone: what else would it mean? */
function checkAlone(given: GivenGroup, at: string): Complaint[] {
  const { id: _, ...named } = given
  const alone = (['version', 'scaleBy'] as const).filter(
    (name) => given[name] !== undefined && Object.keys(named).length > 1,
  )
  const inner = (given.groups ?? []).flatMap((one, index) => checkAlone(one, `${at}/groups(${index})`))
  return [
    ...alone.map((name) => ({ path: `${at}/${name}`, errors: ['not allowed in conjunction with other properties.'] })),
    ...inner,
  ]
}
