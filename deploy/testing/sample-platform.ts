import type { Build, BuildDetail } from '@baton/state-client'
import { type Answer, type Asked, serveJson } from './serve-json.ts'

/** For tests of the command: one build as a list shows it. */
export const sampleBuild = (status: string): Build =>
  ({
    pipeline: 'todo',
    number: 12,
    repository: 'todo',
    commit: 'c0ffee00'.repeat(5),
    ref: 'refs/heads/main',
    status,
    reason: null,
    cause: { code: 'ran.person', args: { who: 'admin' } },
    subject: 'brew',
    createdAt: '2026-01-01T12:00:00.000Z',
    startedAt: '2026-01-01T12:00:01.000Z',
    endedAt: status === 'running' ? null : '2026-01-01T12:00:03.500Z',
  }) as unknown as Build

/** The same whole, with a group and a step in it. */
export const sampleDetail = (status: string): BuildDetail => ({
  ...sampleBuild(status),
  attempts: [],
  steps: [
    {
      id: '1',
      name: 'verify',
      kind: 'group',
      status: 'failure',
      reason: null,
      startedAt: null,
      endedAt: null,
      outputBytes: 0,
    },
    {
      id: '1.1',
      name: 'test',
      kind: 'step',
      status: 'failure',
      reason: { code: 'failure.code', args: { step: 'test', code: 1 } },
      startedAt: null,
      endedAt: null,
      outputBytes: 5,
    },
  ],
})

/** A controller and a builder in one that knows these answers, by method and path. */
export async function servePlatform(answers: Record<string, Answer>) {
  const known = ({ method, path }: Asked): Answer =>
    answers[`${method} ${path.split('?')[0]}`] ?? {
      status: 404,
      json: { status: 404, code: 'BUILD_UNKNOWN', detail: 'there is no such build', hint: 'baton builds lists them' },
    }
  const { url, asked } = await serveJson(known)
  return { asked, env: { BATON_URL: url, BATON_BUILDER_URL: url, BATON_TOKEN: 'secret' } }
}
