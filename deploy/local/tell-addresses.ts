import { connectState } from './connect.ts'
import type { DataFolder } from './data-folder.ts'
import type { PlatformFile } from './platform-file.ts'

/** Where everything is, and what to do next. */
export async function tellAddresses(
  data: DataFolder,
  platform: PlatformFile,
  tell: (line: string) => void,
): Promise<void> {
  const state = connectState(data, platform)
  const login = await state.makeLoginLink().finally(() => state.close())
  tell('')
  tell('Baton is up.')
  tell(`  overview   ${platform.stateUrl}/`)
  tell(`  log in     ${platform.stateUrl}${login.path}   (works once, for ten minutes; npx baton login makes another)`)
  tell(`  feed       ${platform.stateUrl}/cctray.xml`)
  tell(`  Marathon   ${platform.marathonUrl}/v2/apps`)
  tell(`  data       ${data.root}`)
  tell('')
  tell('Next: npx baton repo add <git url>   (the repository needs a pipeline.ts: npx baton init writes one)')
  tell('      npx baton builds               Ctrl-C stops the platform, and keeps everything')
}
