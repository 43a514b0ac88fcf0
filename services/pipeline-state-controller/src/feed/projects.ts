import type { BuildStatus, StepStatus } from '@baton/model'
import type { Build, BuildDetail, Step } from '@baton/state-client'

/** One entry of the feed, in the words of cctray (cctray.org/v1). Readers know an entry by its name. */
export interface Project {
  readonly name: string
  readonly activity: 'Sleeping' | 'Building'
  readonly lastBuildStatus: 'Success' | 'Failure' | 'Unknown'
  readonly lastBuildLabel: string
  readonly lastBuildTime: string
  readonly webUrl: string
}

/** What the feed has to know of a pipeline: its newest build, and the one that it shows while that one is not over. */
export interface PipelineState {
  readonly newest: BuildDetail
  readonly lastEnded: BuildDetail | null
}

type Last = Pick<Project, 'lastBuildStatus' | 'lastBuildLabel' | 'lastBuildTime'>

/** What is red, green and grey in the views; `undefined` is not over. Readers understand no other words alike. */
const verdicts: Readonly<Record<BuildStatus | StepStatus, Project['lastBuildStatus'] | undefined>> = {
  assembling: undefined,
  queued: undefined,
  placing: undefined,
  running: undefined,
  waiting: undefined,
  success: 'Success',
  failure: 'Failure',
  'timed-out': 'Failure',
  lost: 'Failure',
  killed: 'Unknown',
  skipped: 'Unknown',
}

/** The entries of one pipeline: itself, then its steps, parents before children. `baseUrl` is where the views are. */
export function projectsOf({ newest, lastEnded }: PipelineState, baseUrl: string): Project[] {
  // A build has its steps once its process has begun; until then those of the last one stand.
  const shown = newest.steps.length > 0 || lastEnded === null ? newest : lastEnded
  const url = urlOf(baseUrl, shown)
  const before = new Map(lastEnded?.steps.map((step) => [nameOf(lastEnded, step), step]))
  return [
    {
      name: newest.pipeline,
      activity: activityOf(newest.status),
      ...lastOf(newest, newest, lastEnded, lastEnded),
      webUrl: urlOf(baseUrl, newest),
    },
    ...shown.steps.map((step) => {
      const name = nameOf(shown, step)
      return {
        name,
        activity: activityOf(step.status),
        ...lastOf(step, shown, before.get(name), lastEnded),
        webUrl: `${url}?s=${step.id}`,
      }
    }),
  ]
}

/** The id makes it unique among steps of equal names. */
const nameOf = ({ pipeline }: Build, { id, name }: Step): string => `${pipeline} :: ${id} ${name}`

const urlOf = (baseUrl: string, { pipeline, number }: Build): string =>
  `${baseUrl}/builds/${encodeURIComponent(pipeline)}/${number}`

const activityOf = (status: BuildStatus | StepStatus): Project['activity'] =>
  status === 'running' ? 'Building' : 'Sleeping'

interface Judged {
  readonly status: BuildStatus | StepStatus
  readonly endedAt: string | null
}

/**
 * How it ended last. While it is not over, all three stay what they were before: readers take a change of them for the
 * end of a build. One that never ended has no time of its own, and readers choke on none.
 */
function lastOf(now: Judged, build: Build, before: Judged | null | undefined, beforeBuild: Build | null): Last {
  const verdict = verdicts[now.status]
  if (verdict !== undefined) return say(verdict, now, build)
  const verdictBefore = before && verdicts[before.status]
  if (before && beforeBuild && verdictBefore) return say(verdictBefore, before, beforeBuild)
  return say('Unknown', { status: now.status, endedAt: null }, build)
}

const say = (verdict: Project['lastBuildStatus'], { endedAt }: Judged, build: Build): Last => ({
  lastBuildStatus: verdict,
  lastBuildLabel: String(build.number),
  lastBuildTime: endedAt ?? build.endedAt ?? build.createdAt,
})
