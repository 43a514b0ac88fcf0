import { isMetaAppId } from '@baton/model'
import type { Lane } from '@baton/state-client'

/** Which attempt an app is, and of which installation. */
export interface AppOwner {
  readonly installation: string
  readonly lane: Lane
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
}

/** A pipeline's name without `/` and `~`. No slug contains `--`, so no two pipelines share one. */
export const flatPipeline = (pipeline: string): string => pipeline.replace('~', 'meta---').replace('/', '--')

/** The labels by which an app is found again, and known as ours. */
export function ownerLabels(owner: AppOwner): Record<string, string> {
  return {
    BATON_INSTALLATION: owner.installation,
    BATON_LANE: owner.lane,
    BATON_PIPELINE: flatPipeline(owner.pipeline),
    BATON_BUILD: String(owner.number),
    BATON_ATTEMPT: String(owner.attempt),
  }
}

/** Whether an app's labels name this very attempt. */
export function isOf(owner: AppOwner, labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(ownerLabels(owner)).every(([name, value]) => labels?.[name] === value)
}

/** Finds the apps of one lane. */
export const laneSelector = (installation: string, lane: Lane): string =>
  `BATON_INSTALLATION==${installation},BATON_LANE==${lane}`

/** Whether an app id can be one of this installation. Nothing else is ever touched. */
export const isOurAppId = (installation: string, appId: string): boolean =>
  appId.startsWith(`/baton-builds/${installation}-`)

/** Whether it can be one of this installation's lane. */
export const isAppIdOfLane = (installation: string, lane: Lane, appId: string): boolean =>
  isOurAppId(installation, appId) && isMetaAppId(installation, appId) === (lane === 'meta')
