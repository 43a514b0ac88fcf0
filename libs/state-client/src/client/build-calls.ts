import { type Door, pathOf, queryOf } from '../transport/door.ts'
import type { Ended, OpenAttempt } from '../wire/attempt.ts'
import type { Build, BuildDetail, PipelineRow } from '../wire/build.ts'
import type { Lane } from '../wire/words.ts'
import type { StartBuilds } from '../wire/work.ts'

export interface BuildQuery {
  pipeline?: string
  repository?: string
  status?: string
  commit?: string
  limit?: number
  before?: number
}

/** A piece of a step's output. `ended`: the step is over and `total` will not grow. */
export interface OutputPiece {
  readonly bytes: Buffer
  readonly total: number
  readonly ended: boolean
}

/** Builds and their attempts. */
export interface BuildCalls {
  listPipelines(): Promise<PipelineRow[]>
  listBuilds(query: BuildQuery): Promise<Build[]>
  /** @throws BUILD_UNKNOWN */
  getBuild(pipeline: string, number: number): Promise<BuildDetail>
  /** Starts builds that a person asked for. Repeated with the same request id it starts nothing again. */
  startBuilds(slug: string, start: StartBuilds): Promise<Build[]>
  /** @throws BUILD_UNKNOWN, BUILD_OVER */
  kill(pipeline: string, number: number, comment?: string): Promise<Build>
  /** A new build of the same commit and version. @throws BUILD_UNKNOWN */
  retrigger(pipeline: string, number: number): Promise<Build>
  /** Bytes of a step's output from `offset`, `limitBytes` at most. */
  readOutput(
    pipeline: string,
    number: number,
    step: string,
    range: { offset: number; limitBytes: number; attempt?: number },
  ): Promise<OutputPiece>
  /** Attempts whose app may still exist. */
  listOpenAttempts(lane: Lane): Promise<OpenAttempt[]>
  /** Passes on Marathon's word that a task ended. Another task's end is ignored by the controller. */
  ended(pipeline: string, number: number, attempt: number, ended: Ended): Promise<void>
}

export function buildCalls(door: Door): BuildCalls {
  const get = <T>(path: string) => door.json<T>({ method: 'GET', path, repeatable: true })
  return {
    listPipelines: () => get('/api/pipelines'),
    listBuilds: (query) => get(`/api/builds${queryOf({ ...query })}`),
    getBuild: (pipeline, number) => get(pathOf`/api/builds/${pipeline}/${number}`),
    startBuilds: (slug, json) =>
      door.json({ method: 'POST', path: pathOf`/api/repositories/${slug}/builds`, json, repeatable: true }),
    kill: (pipeline, number, comment) => {
      const json = comment === undefined ? {} : { comment }
      return door.json({ method: 'POST', path: pathOf`/api/builds/${pipeline}/${number}/kill`, json })
    },
    retrigger: (pipeline, number) =>
      door.json({ method: 'POST', path: pathOf`/api/builds/${pipeline}/${number}/retrigger`, json: {} }),
    readOutput: async (pipeline, number, step, { offset, limitBytes, attempt }) => {
      const query = queryOf({ offset, limit: limitBytes, attempt })
      const path = pathOf`/api/builds/${pipeline}/${number}/output/${step}` + query
      const { body, headers } = await door.raw({ method: 'GET', path, repeatable: true })
      const total = Number(headers['x-baton-output-total'] ?? offset + body.length)
      return { bytes: body, total, ended: headers['x-baton-output-ended'] === 'true' }
    },
    listOpenAttempts: (lane) => get(`/api/attempts${queryOf({ lane })}`),
    ended: (pipeline, number, attempt, json) => {
      const path = pathOf`/api/builds/${pipeline}/${number}/attempts/${attempt}/ended`
      return door.tell({ method: 'POST', path, json, repeatable: true })
    },
  }
}
