/** How tasks are held to their memory: by the kernel where it can be had, by looking at them, not at all. */
export const memoryCapsWishes = ['auto', 'look', 'off'] as const
export type MemoryCapsWish = (typeof memoryCapsWishes)[number]

/** What one local Marathon is set to. `options.ts` fills in what the caller leaves out. */
export interface Settings {
  readonly dataDir: string
  /** Where the sandboxes lie. Tasks of other accounts must be able to reach it, so it may lie outside `dataDir`. */
  readonly sandboxDir: string
  /** The address that the API and the service ports listen on. */
  readonly host: string
  /** The address that tasks and their clients use: `host`, unless that means every interface. */
  readonly taskHost: string
  readonly port: number
  readonly cpus: number
  readonly memMb: number
  readonly diskMb: number
  /** A launch that does not run by then is given up. Marathon: --task_launch_timeout. */
  readonly taskLaunchMaxMs: number
  readonly memoryCaps: MemoryCapsWish
  /** Forget relaunch delays at start, as a real leader change does. */
  readonly forgetDelays: boolean
  readonly hostPorts: { readonly from: number; readonly to: number }
  readonly servicePorts: { readonly from: number; readonly to: number }
  readonly frameworkId: string
  readonly agentId: string
  readonly runningDeploymentsMax: number
  readonly endedSandboxesMax: number
  readonly endedSandboxMaxMs: number
  /** Above this a running task's stdout or stderr is moved aside; 0 = never. */
  readonly logBytesMax: number
}
