import type { Build, BuildDetail, PipelineRow, StartBuilds } from '@baton/state-client'

/** Where builds are kept. Numbers grow per pipeline and are never used twice. */
export interface BuildStore {
  /**
   * The pipelines of all registered repositories, kept ready: nothing is computed. One that the head of the default branch
   * had and has no longer is not among them, nor is its meta-pipeline, unless a build of it is not over yet.
   */
  listPipelines(): Promise<PipelineRow[]>
  /** Newest first. */
  list(query: BuildQuery): Promise<Build[]>
  /** The steps of its newest attempt. @throws BUILD_UNKNOWN */
  get(pipeline: string, number: number): Promise<BuildDetail>
  /**
   * Starts builds that a person asked for, all or none. Repeated with the same request id it answers the same builds.
   * @throws REPOSITORY_UNKNOWN, PIPELINE_FOREIGN, ASSEMBLY_WRONG
   */
  start(slug: string, start: StartBuilds, who: string, now: Date): Promise<Build[]>
  /**
   * Wants a build stopped. One that does not run yet is over at once; a running one hears it and runs its `finally`.
   * Repeated it changes nothing. @throws BUILD_UNKNOWN, BUILD_OVER
   */
  kill(pipeline: string, number: number, who: string, comment: string, now: Date): Promise<Build>
  /** A new build of the same commit and version. @throws BUILD_UNKNOWN, VERSION_READY, REPOSITORY_UNKNOWN */
  retrigger(pipeline: string, number: number, who: string, now: Date): Promise<Build>
}

export interface BuildQuery {
  readonly pipeline?: string | undefined
  readonly repository?: string | undefined
  readonly status?: string | undefined
  readonly commit?: string | undefined
  readonly limit: number
  /** Only builds created before this moment, in ms since 1970. No two builds are created in the same one. */
  readonly before?: number | undefined
}
