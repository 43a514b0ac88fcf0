import type { Description, Publication, Version } from '@baton/state-client'
import type { AttemptName } from '../attempts/attempt-store.ts'

/** Pipeline versions and their bundles. A bundle is addressed by the digest of its bytes. */
export interface VersionStore {
  /** What is known of these keys, in no order. */
  lookup(keys: readonly string[]): Promise<Version[]>
  /** @throws VERSION_UNKNOWN */
  get(key: string): Promise<Version>
  /** Stores bytes for the key that this meta-build was started for. @returns their digest @throws VERSION_FOREIGN, ATTEMPT_FENCED */
  putBundle(by: AttemptName, key: string, bytes: Buffer, now: Date): Promise<string>
  /**
   * Makes the version ready and frees the builds that wait for it. Repeated it changes nothing.
   * @throws VERSION_FOREIGN, VERSION_SETTLED, BUNDLE_MISSING, ATTEMPT_FENCED
   */
  publish(by: AttemptName, key: string, publication: Publication, now: Date): Promise<Version>
  /** Stores the meta-pipeline's own bundle. @returns its digest */
  putMetaPipeline(bytes: Buffer, description: Description, now: Date): Promise<string>
  /** The bundle of the open attempt whose app was given this key. @throws BUNDLE_UNKNOWN */
  readBundle(bundleKey: string): Promise<Buffer>
}
