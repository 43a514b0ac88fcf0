import type { Component } from '@baton/service-kit'
import { type Clock, createService, type Log, type Service, startJob, systemClock } from '@baton/service-kit'
import { type Config, readConfig } from './config.ts'
import { addAccess } from './http/access.ts'
import { addAttemptRoutes } from './http/attempts.ts'
import { addBuildRoutes } from './http/builds.ts'
import { addErrorPages } from './http/error-page.ts'
import { addEventRoutes } from './http/events.ts'
import { addFeedRoutes } from './http/feed.ts'
import { addOpenApi } from './http/openapi.ts'
import { addPageRoutes } from './http/page.ts'
import { addRepositoryRoutes } from './http/repositories.ts'
import type { RouteParts } from './http/routes.ts'
import { addTokenRoutes } from './http/tokens.ts'
import { addVersionRoutes } from './http/versions.ts'
import { addWorkRoutes } from './http/work.ts'
import type { Ports } from './ports.ts'

export interface AppParts {
  readonly config: Config
  readonly version: string
  readonly log: Log
  readonly ports: Ports
  readonly clock?: Clock
}

const tidyPauseMs = 3_600_000

/** The whole service: routes, and the jobs that judge and tidy. It listens to nothing. */
export async function createApp(parts: AppParts): Promise<{ service: Service; components: Component[] }> {
  const { config, version, log, ports, clock = systemClock } = parts
  const { adminToken, serviceToken, openReads } = config
  const service = createService({
    ...{ name: 'pipeline-state-controller', version, log, clock },
    config: readConfig.shown(config),
    statusDetails: [
      {
        name: 'database',
        // Any question will do that the database itself has to answer.
        read: async () => {
          await ports.tokens.list(clock.now())
          return { status: 'ok', message: 'answers' }
        },
      },
    ],
  })
  service.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  addAccess(service, { ports, adminToken, serviceToken, openReads })
  await addOpenApi(service, version)
  const routes: RouteParts = { ports, log, now: () => clock.now() }
  for (const add of [
    addRepositoryRoutes,
    addBuildRoutes,
    addAttemptRoutes,
    addVersionRoutes,
    addWorkRoutes,
    addEventRoutes,
    addTokenRoutes,
  ]) {
    add(service, routes)
  }
  addFeedRoutes(service, { ports, publicUrl: config.publicUrl })
  addPageRoutes(service, ports)
  addErrorPages(service)

  const upSince = clock.now()
  const watch = startJob({
    ...{ name: 'watch', pauseMs: config.watchMs, log },
    work: async () => await ports.work.watch(upSince, clock.now()),
  })
  const tidy = startJob({
    ...{ name: 'tidy', pauseMs: tidyPauseMs, log },
    work: async () => await ports.work.tidy(clock.now()),
  })
  return {
    service,
    components: [
      { name: 'tidy', close: () => tidy.stop() },
      { name: 'watch', close: () => watch.stop() },
    ],
  }
}
