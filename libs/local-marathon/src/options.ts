import { statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { Log } from '@baton/service-kit/log'
import type { MemoryCapsWish, Settings } from './settings.ts'

const mebibyte = 1024 * 1024
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** What whoever starts a local Marathon may say. */
export interface LocalMarathonOptions {
  /** State, task logs and (unless `sandboxDir` is given) sandboxes. One server at a time. */
  readonly dataDir: string
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  /** With a password, every request needs both, as with Marathon's --http_credentials. */
  readonly user?: string
  readonly password?: string
  /** CPUs offered, a share and no cap. Default: twice the cores, 4 at least. */
  readonly cpus?: number
  /** Memory offered. Default: the machine's less 1 GB, as a Mesos agent does, or half of a small one. */
  readonly memMb?: number
  /** Disk offered. Default: that of the sandboxes less 5 GB, as a Mesos agent does, or half of a small one. */
  readonly diskMb?: number
  readonly taskLaunchMaxMs?: number
  /** Tasks that use more memory than they asked for are ended, as an agent of Mesos does. Default: auto. */
  readonly memoryCaps?: MemoryCapsWish
  /** What runs images: `auto` (docker or podman, if one answers), `none`, or a client's program. Default: auto. */
  readonly containerEngine?: string
  /** The variables of its client: PATH, HOME and what else leads to its engine. */
  readonly engineEnvironment?: Readonly<Record<string, string>>
  readonly forgetDelays?: boolean
  readonly hostPorts?: { readonly from: number; readonly to: number }
  readonly servicePorts?: { readonly from: number; readonly to: number }
  readonly sandboxDir?: string
  readonly endedSandboxesMax?: number
  readonly endedSandboxMaxMs?: number
  readonly logBytesMax?: number
  readonly log: Log
  readonly now?: () => Date
}

/** Fills in what is left out, from what this machine has. */
export function readSettings(options: LocalMarathonOptions, ids: { frameworkId: string; agentId: string }): Settings {
  const totalMb = Math.floor(totalmem() / mebibyte)
  const isAnyAddress = options.host === '0.0.0.0' || options.host === '::'
  return {
    ...ids,
    dataDir: options.dataDir,
    sandboxDir: resolve(options.sandboxDir ?? join(options.dataDir, 'sandboxes')),
    host: options.host,
    taskHost: isAnyAddress ? '127.0.0.1' : options.host,
    port: options.port,
    cpus: options.cpus ?? Math.max(4, 2 * availableParallelism()),
    memMb: options.memMb ?? (totalMb >= 2048 ? totalMb - 1024 : Math.floor(totalMb / 2)),
    diskMb: options.diskMb ?? readDiskMb(options.dataDir),
    taskLaunchMaxMs: options.taskLaunchMaxMs ?? 5 * minuteMs,
    memoryCaps: options.memoryCaps ?? 'auto',
    forgetDelays: options.forgetDelays ?? false,
    hostPorts: options.hostPorts ?? { from: 31_000, to: 32_000 },
    servicePorts: options.servicePorts ?? { from: 10_000, to: 20_000 },
    runningDeploymentsMax: 100,
    endedSandboxesMax: options.endedSandboxesMax ?? 500,
    endedSandboxMaxMs: options.endedSandboxMaxMs ?? 7 * dayMs,
    logBytesMax: options.logBytesMax ?? 256 * mebibyte,
  }
}

/** The size of the file system. One that does not say is taken for a small one. */
function readDiskMb(dir: string): number {
  const { blocks, bsize } = statfsSync(dir)
  const totalMb = Math.floor((blocks * bsize) / mebibyte)
  return totalMb >= 10_240 ? totalMb - 5_120 : Math.floor(totalMb / 2)
}
