import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createStateClient, type StateClient } from '@baton/state-client'
import { type BuilderClient, createBuilderClient } from '../builder-client.ts'
import { errors } from '../errors.ts'
import { dataFolder } from '../local/data-folder.ts'
import { findPlatformFile } from '../local/platform-file.ts'
import { getSecret } from '../local/secrets.ts'

/** Where commands are sent, and as whom. */
export interface Connection {
  readonly stateUrl: string
  readonly builderUrl: string
  readonly token: string
}

export const dataDirName = '.baton'

/** The data folder that commands mean: --data, BATON_DATA, the nearest .baton upwards, or the one that `up` would make here. */
export function dataDirOf(given: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string {
  const named = given ?? env['BATON_DATA']
  if (named !== undefined && named !== '') return resolve(cwd, named)
  return findUpwards(cwd) ?? join(cwd, dataDirName)
}

function findUpwards(dir: string): string | undefined {
  const found = join(dir, dataDirName)
  if (existsSync(join(found, 'platform.json')) || isClosed(found)) return found
  return dirname(dir) === dir ? undefined : findUpwards(dirname(dir))
}

/** A folder that this account may not look into: whose platform it is will be said, instead of going on to another one. */
function isClosed(dir: string): boolean {
  try {
    accessSync(dir, constants.X_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' && existsSync(dir)
  }
}

/** Whether BATON_URL names the platform, and not a folder of this machine. */
export function isElsewhere(given: string | undefined, env: NodeJS.ProcessEnv): boolean {
  return given === undefined && env['BATON_URL'] !== undefined && env['BATON_URL'] !== ''
}

/**
 * The platform that commands talk to: the local one that was found, or the one that BATON_URL, BATON_BUILDER_URL and
 * BATON_TOKEN name. @throws PLATFORM_MISSING, DATA_UNREADABLE, TOKEN_FILE_UNREADABLE
 */
export function findConnection(given: string | undefined, env: NodeJS.ProcessEnv, cwd: string): Connection {
  if (isElsewhere(given, env)) {
    return {
      stateUrl: env['BATON_URL'] ?? '',
      builderUrl: env['BATON_BUILDER_URL'] ?? '',
      token: env['BATON_TOKEN'] ?? '',
    }
  }
  const data = dataFolder(dataDirOf(given, env, cwd))
  const platform = findPlatformFile(data.root)
  if (platform === undefined) throw errors.PLATFORM_MISSING({ dir: given ?? cwd })
  return { stateUrl: platform.stateUrl, builderUrl: platform.builderUrl, token: env['BATON_TOKEN'] ?? tokenOf(data) }
}

function tokenOf(data: { root: string; secrets: string }): string {
  try {
    return getSecret(data.secrets, 'admin-token')
  } catch (error) {
    throw errors.TOKEN_FILE_UNREADABLE({ dir: data.root }, error)
  }
}

export const connectState = ({ stateUrl, token }: Connection): StateClient =>
  createStateClient({ url: stateUrl, ...(token !== '' && { token }) })

/** @throws ARGUMENT_INVALID when the platform was named by BATON_URL alone */
export function connectBuilder({ builderUrl, token }: Connection): BuilderClient {
  if (builderUrl === '') throw errors.ARGUMENT_INVALID({ what: 'BATON_BUILDER_URL is not set' })
  return createBuilderClient({ url: builderUrl, token })
}
