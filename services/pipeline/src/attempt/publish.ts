import { readFileSync } from 'node:fs'
import type { Publish } from '@baton/pipeline'
import type { AttemptClient } from '@baton/state-client/attempt'
import { crashPoint } from '../crash-point.ts'
import { isFinal, type Line } from './line.ts'

/**
 * Hands in what a meta-build assembled. The controller hashes what arrived; that digest, not one of our own, names
 * the version. Repeated while nobody answers.
 */
export function createPublish(client: AttemptClient, line: Line, key: string): Publish {
  return async (bundleFile, description) => {
    const bytes = readFileSync(bundleFile)
    const { digest } = await line.ask((signal) => client.publishBundle(key, bytes, signal), isFinal)
    crashPoint('publish.after-bundle')
    await line.ask((signal) => client.publish(key, { digest, description }, signal), isFinal)
    return { digest }
  }
}
