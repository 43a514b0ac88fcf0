import { appIdOf } from '@baton/model'
import type { PlacePayload, RemovePayload } from '@baton/state-client'

export const installation = 'abc123'

/** For tests: an attempt to be placed. */
export function placePayload(more: Partial<PlacePayload> = {}): PlacePayload {
  const { pipeline = 'todo', number = 7, attempt = 1 } = more
  return {
    installation,
    pipeline,
    number,
    attempt,
    repository: { slug: 'todo', url: 'https://example.test/todo.git' },
    commit: 'c'.repeat(40),
    ref: 'refs/heads/main',
    appId: appIdOf(installation, pipeline, number, attempt),
    ticket: 't'.repeat(43),
    bundle: { digest: 'd'.repeat(64), path: '/bundles/key/pipeline.cjs' },
    cpus: 0.5,
    memMb: 256,
    diskMb: 0,
    ...more,
  }
}

/** For tests: an attempt to be removed, claimed by the first task of its app. */
export function removePayload(more: Partial<RemovePayload> = {}): RemovePayload {
  const { pipeline = 'todo', number = 7, attempt = 1 } = more
  const appId = appIdOf(installation, pipeline, number, attempt)
  return {
    installation,
    pipeline,
    number,
    attempt,
    appId,
    taskId: taskIdOf(appId),
    sandbox: { agent: '127.0.0.1:5051', path: `/slaves/s/runs/${taskIdOf(appId)}/latest` },
    salvage: false,
    stored: { nextEvent: 0, outputs: {} },
    ...more,
  }
}

export const taskIdOf = (appId: string): string => `${appId.slice(1).replaceAll('/', '_')}.instance-1._app.1`
