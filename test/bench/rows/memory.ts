import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createGitRepository, type GitRepository } from '../../platform/git-repository.ts'
import type { StartedPlatform } from '../../platform/start-platform.ts'
import { waitFor } from '../../platform/wait-for.ts'
import type { Measured } from '../measured.ts'
import { median } from '../median.ts'
import { type Memory, readMemory } from '../pss.ts'
import type { Place, Row } from '../row.ts'

const manyRepositories = 1_000
const registeredAtOnce = 4
const looks = 15
const lookPauseMs = 1_000
/** What was done just before is written and collected by then. */
const restMs = 20_000
const settleMaxMs = 300_000
const entriesLooked = 200

/** A head that is not built: a platform that has nothing to do is what is measured. */
const message = 'A small repository [skip ci]'
const files = {
  'README.md': 'A small repository.\n',
  'pipeline.ts': `import { pipeline, sh, step } from '@baton/pipeline'

export default pipeline('idle', [step('print', sh\`echo "a line"\`)])
`,
}

/**
 * The memory of an idle platform with one repository and with a thousand. None of them has a hook, which is the harder
 * case: all are asked for their heads again and again.
 */
export const memory: Row = {
  name: 'memory',
  async measure({ platform, progress }: Place) {
    const first = await createGitRepository(platform.folders.repositories, 'idle-1')
    await first.commit(files, { message })
    await platform.register(first)
    progress('memory: 1 repository, coming to rest')
    const one = await measureIdle(platform, 1)
    let last = 1
    const registerRest = async () => {
      while (last < manyRepositories) {
        last += 1
        progress(`memory: registering ${last} of ${manyRepositories}`)
        await registerCopy(platform, first, `idle-${last}`)
      }
    }
    await Promise.all(Array.from({ length: registeredAtOnce }, registerRest))
    progress(`memory: ${manyRepositories} repositories, coming to rest`)
    return [one, await measureIdle(platform, manyRepositories)]
  },
}

/** A repository like the first one, at an address of its own. */
async function registerCopy(platform: StartedPlatform, first: GitRepository, slug: string): Promise<void> {
  const path = join(dirname(first.path), `${slug}.git`)
  await cp(first.path, path, { recursive: true })
  await platform.builder.register({ url: pathToFileURL(path).href, slug })
}

async function measureIdle(platform: StartedPlatform, repositories: number): Promise<Measured> {
  await waitFor('every registration to be settled', settleMaxMs, async () => {
    const entries = await platform.state.listEntries({ limit: entriesLooked })
    const open = entries.filter(({ state }) => state === 'open').length
    return open === 0 ? { found: true } : { seen: `${open} open entries` }
  })
  await pause(restMs)
  const seen: Memory[] = []
  for (let look = 0; look < looks; look += 1) {
    seen.push(readMemory(platform))
    await pause(lookPauseMs)
  }
  const sums = seen.map(({ mb }) => mb)
  return {
    name: 'memory',
    measure: `idle platform, ${repositories} ${repositories === 1 ? 'repository' : 'repositories'}, PSS`,
    unit: 'MB',
    result: median(sums),
    floor: undefined,
    limit: { most: 300, of: 'itself' },
    note: `median of ${looks} looks, the largest ${Math.max(...sums).toFixed(0)} MB; ${partsOf(seen)}`,
  }
}

/** What the memory is made of, largest first. */
function partsOf(seen: readonly Memory[]): string {
  const names = new Set(seen.flatMap(({ parts }) => [...parts.keys()]))
  const parts = [...names].map((name) => [name, median(seen.map((one) => one.parts.get(name) ?? 0))] as const)
  parts.sort(([, a], [, b]) => b - a)
  return parts.map(([name, mb]) => `${name} ${mb.toFixed(1)}`).join(', ')
}
