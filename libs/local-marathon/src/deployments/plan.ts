export type ActionName = 'StartApplication' | 'ScaleApplication' | 'RestartApplication' | 'StopApplication'

export interface Action {
  readonly action: ActionName
  readonly app: string
}

/** Actions of one step run side by side; steps follow each other. */
export interface Step {
  readonly actions: readonly Action[]
}

/** What becomes of one app. */
export type AppChange = 'new' | 'scale' | 'restart' | 'removed'

/**
 * Marathon's DeploymentPlan: what goes is stopped, what is new is started with no instances, then everything is scaled
 * or restarted in the order of its dependencies.
 */
export function planSteps(
  changes: ReadonlyMap<string, AppChange>,
  depthOf: (appId: string) => number | undefined,
): Step[] {
  const idsOf = (change: AppChange) => [...changes].flatMap(([id, is]) => (is === change ? [id] : []))
  const byDepth = new Map<number, Action[]>()
  for (const [app, change] of changes) {
    if (change === 'removed') continue
    const depth = depthOf(app) ?? 1
    const action = change === 'restart' ? 'RestartApplication' : 'ScaleApplication'
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), { action, app }])
  }
  const ordered = [...byDepth].sort(([a], [b]) => a - b).map(([, actions]) => actions)
  const all: Action[][] = [
    idsOf('removed').map((app) => ({ action: 'StopApplication', app })),
    idsOf('new').map((app) => ({ action: 'StartApplication', app })),
    ...ordered,
  ]
  return all.filter((actions) => actions.length > 0).map((actions) => ({ actions: actions.sort(byApp) }))
}

const byApp = (a: Action, b: Action) => (a.app < b.app ? -1 : 1)
