import { isDeepStrictEqual } from 'node:util'
import { type App, type AppDefinition, type AppVersion, versionsMax } from './app.ts'

/** How a new definition differs, and so what happens to running tasks. */
export type Change = 'none' | 'scale' | 'restart'

/** Only `instances` and the fields nobody runs by leave tasks alone; labels restart them too, as in Marathon. */
export function changeOf(before: AppDefinition, after: AppDefinition): Change {
  if (isDeepStrictEqual(before, after)) return 'none'
  const { instances: _, ...from } = before
  const { instances: __, ...to } = after
  return isDeepStrictEqual(from, to) ? 'scale' : 'restart'
}

/** The first version of an app. */
export function firstVersion(definition: AppDefinition, version: string): App {
  return { current: { definition, version, lastScalingAt: version, lastConfigChangeAt: version }, older: [] }
}

/** The app after an accepted change. A config change counts as a scaling too; a restart undone has its old config back. */
export function nextVersion(
  app: App,
  definition: AppDefinition,
  version: string,
  change: 'scale' | 'restart',
  configVersion = version,
): App {
  const current: AppVersion = {
    definition,
    version,
    lastScalingAt: version,
    lastConfigChangeAt: change === 'restart' ? configVersion : app.current.lastConfigChangeAt,
  }
  return { ...app, current, older: [app.current, ...app.older].slice(0, versionsMax - 1) }
}
