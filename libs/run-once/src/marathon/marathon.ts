/** A task as far as its fate can be judged. `state` is Mesos' word, such as TASK_RUNNING. */
export interface SeenTask {
  readonly id: string
  readonly state?: string | undefined
  /** Of its agent. */
  readonly host?: string | undefined
}

/** An app as far as it can be told whose it is, and what became of its task. */
export interface SeenApp {
  readonly id: string
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly tasks?: readonly SeenTask[] | undefined
}

/** What Marathon tells while we listen. Nothing is repeated after a break. */
export interface SeenEvent {
  readonly eventType: string
  readonly appId?: string | undefined
  readonly taskId?: string | undefined
  readonly taskStatus?: string | undefined
  readonly message?: string | undefined
}

/** The part of Marathon that run-once apps need; @baton/marathon's client is one. */
export interface Marathon {
  /** @throws MARATHON_REFUSED, MARATHON_FULL, MARATHON_LOCKED, MARATHON_UNREACHABLE */
  createApp(app: AppDefinition): Promise<'created' | 'exists'>
  findApp(id: string): Promise<SeenApp | undefined>
  listApps(labelSelector: string): Promise<SeenApp[]>
  deleteApp(id: string): Promise<'deleted' | 'missing'>
  /** The deployments under way. That of a deleted app is, until its last task has died. */
  listDeployments(): Promise<readonly { readonly affectedApps: readonly string[] }[]>
  /** Bytes of a file in a task's sandbox; undefined if there is none. @throws MARATHON_UNREACHABLE */
  readSandboxFile(
    task: { id: string; host: string },
    path: string,
    piece: { offset: number; length: number },
  ): Promise<Buffer | undefined>
  /** Listens, opening the stream again after each break, until the signal aborts. */
  events(options: {
    types: string[]
    signal: AbortSignal
    onOpen(): void
    onEvent(event: SeenEvent): void
  }): Promise<void>
}

/** A file that Marathon has fetched into the sandbox before the task starts. */
export interface Fetch {
  readonly uri: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly destPath?: string
}

/** The definition of a run-once app, as it is posted. */
export interface AppDefinition {
  readonly id: string
  readonly cmd: string
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly instances: 1
  readonly user?: string
  readonly container?: { readonly type: 'DOCKER'; readonly docker: { readonly image: string } }
  readonly fetch: Fetch[]
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly backoffSeconds: number
  readonly backoffFactor: number
  readonly maxLaunchDelaySeconds: number
  readonly taskKillGracePeriodSeconds: number
  readonly unreachableStrategy: 'disabled'
  readonly upgradeStrategy: { readonly minimumHealthCapacity: 0; readonly maximumOverCapacity: 0 }
  readonly portDefinitions: never[]
}
