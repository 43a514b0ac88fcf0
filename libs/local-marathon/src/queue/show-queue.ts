import { showVersion } from '../apps/show-app.ts'
import type { Machine } from '../machine.ts'
import type { Instance } from '../tasks/instance.ts'
import { launchDelayMs } from './delays.ts'
import { findObstacle, type Obstacle } from './fit.ts'
import { inOrder } from './launch-queue.ts'

/** In the order in which an offer is looked at. */
const reasons: readonly (Obstacle | 'NoCorrespondingReservationFound' | 'InsufficientGpus')[] = [
  'UnfulfilledRole',
  'UnfulfilledConstraint',
  'NoCorrespondingReservationFound',
  'InsufficientCpus',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpus',
  'InsufficientPorts',
]

/** `/v2/queue`: what waits to be launched, and why. One entry for each app. */
export function showQueue(machine: Machine, withOffers: boolean) {
  const waiting = new Map<string, Instance[]>()
  for (const instance of inOrder(machine)) {
    waiting.set(instance.appId, [...(waiting.get(instance.appId) ?? []), instance])
  }
  return { queue: [...waiting].flatMap(([appId, instances]) => showItem(machine, appId, instances, withOffers)) }
}

function showItem(machine: Machine, appId: string, instances: readonly Instance[], withOffers: boolean) {
  const app = machine.apps.get(appId)
  if (!app) return []
  const leftMs = launchDelayMs(machine, app)
  const obstacle = leftMs > 0 ? undefined : (findObstacle(machine, app.current.definition) ?? 'InsufficientPorts')
  // An offer that was declined for one reason was not looked at for the next.
  const declinedAt = obstacle === undefined ? -1 : reasons.indexOf(obstacle)
  const summary = reasons.map((reason, at) => ({
    reason,
    declined: at === declinedAt ? 1 : 0,
    processed: at <= declinedAt ? 1 : 0,
  }))
  return [
    {
      count: instances.length,
      role: app.current.definition.role,
      delay: { timeLeftSeconds: Math.ceil(leftMs / 1_000), overdue: leftMs === 0 },
      since: instances[0]?.since ?? machine.now().toISOString(),
      processedOffersSummary: {
        processedOffersCount: leftMs > 0 ? 0 : 1,
        unusedOffersCount: leftMs > 0 ? 0 : 1,
        rejectSummaryLastOffers: summary,
        rejectSummaryLaunchAttempt: summary,
      },
      app: showVersion(app.current),
      // Offers are Mesos's; one machine has none to show.
      ...(withOffers ? { lastUnusedOffers: [] } : {}),
    },
  ]
}
