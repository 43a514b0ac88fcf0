import { resolve } from 'node:path'
import type { StateClient } from '@baton/state-client'
import type { BuilderClient } from '../builder-client.ts'
import { connectBuilder, connectState, dataDirOf, findConnection, isElsewhere } from './connection.ts'
import type { Terminal } from './terminal.ts'

/** Where a command was started. */
export interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadStream
  /** Aborts when the person presses Ctrl-C. Asking for it takes the key over from the system. */
  interruption(): AbortSignal
}

/** What every command is given: where to speak, whom to ask, where it was started. */
export interface Call extends Surroundings {
  readonly terminal: Terminal
  /** The data folder that is meant. */
  readonly dataDir: string
  /** What --data names. */
  readonly givenDir: string | undefined
  /** The platform is named by BATON_URL: no data folder is meant. */
  readonly isElsewhere: boolean
  /** The State-Controller. @throws PLATFORM_MISSING */
  state(): StateClient
  /** The Pipeline-Builder. @throws PLATFORM_MISSING */
  builder(): BuilderClient
  /** Its address. @throws PLATFORM_MISSING */
  builderUrl(): string
}

/** Puts together what a command needs; nothing is opened before it is asked for. */
export function createCall(terminal: Terminal, data: string | undefined, around: Surroundings): Call {
  const { cwd, env } = around
  const connection = () => findConnection(data, env, cwd)
  return {
    ...around,
    terminal,
    dataDir: dataDirOf(data, env, cwd),
    givenDir: data === undefined ? undefined : resolve(cwd, data),
    isElsewhere: isElsewhere(data, env),
    state: () => connectState(connection()),
    builder: () => connectBuilder(connection()),
    builderUrl: () => connection().builderUrl,
  }
}
