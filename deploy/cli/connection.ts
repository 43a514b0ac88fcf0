import { existsSync } from 'node:fs'
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
  if (existsSync(join(found, 'platform.json'))) return found
  return dirname(dir) === dir ? undefined : findUpwards(dirname(dir))
}

/**
 * The platform that commands talk to: the local one that was found, or the one that BATON_URL, BATON_BUILDER_URL and
 * BATON_TOKEN name. @throws PLATFORM_MISSING, TOKEN_FILE_UNREADABLE
 */
export function findConnection(given: string | undefined, env: NodeJS.ProcessEnv, cwd: string): Connection {
  const stateUrl = env['BATON_URL']
  if (given === undefined && stateUrl !== undefined && stateUrl !== '') {
    return { stateUrl, builderUrl: env['BATON_BUILDER_URL'] ?? '', token: env['BATON_TOKEN'] ?? '' }
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
