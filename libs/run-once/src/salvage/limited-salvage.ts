import { isBatonError } from '@baton/model'
import type { RemovePayload } from '@baton/state-client'
import { type SalvageOptions, salvage } from './salvage.ts'

/** Marathon itself has just answered, so it is the agent that does not. After so many tries it is taken for gone. */
const triesMax = 8
const rememberedMax = 1_000

/** Salvages, and gives up on a sandbox that cannot be reached: a build must not stay open for ever for its last lines. */
export function createSalvage(options: SalvageOptions) {
  const tries = new Map<string, number>()
  return async (payload: RemovePayload, host: string | undefined, signal: AbortSignal): Promise<void> => {
    try {
      await salvage(options, payload, host, signal)
      tries.delete(payload.appId)
    } catch (error) {
      if (!isBatonError(error, 'MARATHON_UNREACHABLE')) throw error
      const tried = (tries.get(payload.appId) ?? 0) + 1
      if (tried < triesMax) {
        if (tries.size >= rememberedMax) tries.clear()
        tries.set(payload.appId, tried)
        throw error
      }
      tries.delete(payload.appId)
      options.log.error({ err: error, appId: payload.appId, tried }, 'what this attempt left unsent is lost')
    }
  }
}
