import { createMarathonClient, type Marathon } from '@baton/marathon'
import { createStateClient, type StateClient } from '@baton/state-client'
import type { DataFolder } from './data-folder.ts'
import { marathonUser, type PlatformFile } from './platform-file.ts'
import { getSecret } from './secrets.ts'

/** The local Marathon of this platform, as its owner. */
export function connectMarathon(data: DataFolder, platform: PlatformFile): Marathon {
  const password = getSecret(data.secrets, 'marathon-password')
  return createMarathonClient({ url: platform.marathonUrl, user: marathonUser, password })
}

/** The State-Controller of this platform, as its owner. */
export function connectState(data: DataFolder, platform: PlatformFile): StateClient {
  return createStateClient({ url: platform.stateUrl, token: getSecret(data.secrets, 'admin-token') })
}
