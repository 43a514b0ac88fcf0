import { isAbsolute } from 'node:path'
import type { Complaint } from '../http/refusal.ts'
import type { GivenApp } from './defaults.ts'
import { notEnabled } from './rule.ts'
import { isRecord } from './shape.ts'

type Container = NonNullable<GivenApp['container']>
type Volume = Readonly<Record<string, unknown>>

export function hasImage(container: Container | undefined): boolean {
  return container?.['docker'] !== undefined || container?.['appc'] !== undefined
}

/** What runs an image is looked for when the app is accepted. A Mesos container without an image is a process like any other; its host folders appear in the sandbox. */
export function checkContainer(app: GivenApp): Complaint[] {
  const { container } = app
  if (!container) return []
  const complain = (path: string, message: string): Complaint[] => [{ path: `/container${path}`, errors: [message] }]
  if ((container['type'] ?? 'DOCKER') === 'DOCKER' && !isRecord(container['docker'])) {
    return complain('/docker', 'not defined')
  }
  if (container['appc'] !== undefined) return complain('', 'this machine runs no appc images')
  const image = isRecord(container['docker']) ? container['docker']['image'] : undefined
  if (hasImage(container) && (typeof image !== 'string' || image === '' || image.startsWith('-'))) {
    return complain('/docker/image', 'error.path.missing')
  }
  if (Array.isArray(container['portMappings']) && container['portMappings'].length > 0) {
    return [{ path: '/', errors: ['portMappings are not allowed with host-networking'] }]
  }
  return volumesOf(container).flatMap((volume, index) => {
    const problem = problemOf(volume, hasImage(container))
    return problem ? complain(`/volumes(${index})${problem.at}`, problem.says) : []
  })
}

/** What is mounted; anything else in the list is refused by its missing fields. */
export function volumesOf(container: Container | undefined): Volume[] {
  const volumes = container?.['volumes']
  return Array.isArray(volumes) ? volumes.map((one: unknown) => (isRecord(one) ? one : {})) : []
}

function problemOf(volume: Volume, isInImage: boolean): { at: string; says: string } | undefined {
  if (volume['external'] !== undefined) return { at: '', says: notEnabled('external_volumes') }
  if (volume['secret'] !== undefined) return { at: '', says: notEnabled('secrets') }
  if (volume['persistent'] !== undefined) return { at: '/persistent', says: 'this machine reserves no volumes' }
  for (const name of ['containerPath', 'hostPath'] as const) {
    if (typeof volume[name] !== 'string' || volume[name] === '') return { at: `/${name}`, says: 'must not be empty' }
  }
  if (volume['mode'] !== 'RW' && volume['mode'] !== 'RO') return { at: '/mode', says: 'error.path.missing' }
  const path = String(volume['containerPath'])
  if (isInImage) return undefined
  const isInside = !isAbsolute(path) && !path.split('/').includes('..')
  if (!isInside && path !== volume['hostPath'])
    return { at: '/containerPath', says: 'without an image this must be a path in the sandbox' }
  return undefined
}
