import { type Door, pathOf } from '../transport/door.ts'
import type { Description, Publication, Version } from '../wire/version.ts'

/** Pipeline versions and their bundles. */
export interface VersionCalls {
  /** The versions that are known of these keys (200 at most), in no order. */
  lookupVersions(keys: readonly string[]): Promise<Version[]>
  /** @throws VERSION_UNKNOWN */
  getVersion(key: string): Promise<Version>
  /** Stores bytes for a key; answers the digest of what arrived. */
  publishBundle(key: string, bytes: Buffer): Promise<{ digest: string }>
  /** Makes the version ready and frees the builds that wait for it. */
  publish(key: string, publication: Publication): Promise<Version>
  /** Stores the meta-pipeline's own bundle, which ships with the release. */
  putMetaPipeline(bytes: Buffer, description: Description): Promise<{ digest: string }>
}

export function versionCalls(door: Door): VersionCalls {
  return {
    lookupVersions: (keys) =>
      door.json({ method: 'POST', path: '/api/versions/lookup', json: { keys }, repeatable: true }),
    getVersion: (key) => door.json({ method: 'GET', path: pathOf`/api/versions/${key}`, repeatable: true }),
    publishBundle: (key, bytes) =>
      door.json({ method: 'PUT', path: pathOf`/api/versions/${key}/bundle`, bytes, repeatable: true }),
    publish: (key, json) => door.json({ method: 'PUT', path: pathOf`/api/versions/${key}`, json, repeatable: true }),
    putMetaPipeline: (bytes, description) => {
      const json = { bundle: bytes.toString('base64'), description }
      return door.json({ method: 'PUT', path: '/api/meta-pipeline', json, repeatable: true })
    },
  }
}
