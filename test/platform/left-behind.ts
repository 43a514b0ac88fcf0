import { listProcesses, type Process } from './processes.ts'
import { notYet, waitFor } from './wait-for.ts'

/** What tells the processes of one platform: the folders it works in, and the name its apps carry. */
export interface Marks {
  readonly dirs: readonly string[]
  readonly installation: string | undefined
}

const goneMaxMs = 10_000

/** The processes that belong to a platform: started for one of its tasks, in its folders, or with them in their settings. */
export function listProcessesOfPlatform({ dirs, installation }: Marks): Process[] {
  const tasks = installation === undefined ? undefined : `baton-builds_${installation}-`
  const names = (text: string) => dirs.some((dir) => text === dir || text.includes(`${dir}/`))
  return listProcesses().filter(
    ({ pid, cwd, command, env }) =>
      pid !== process.pid &&
      (names(cwd) ||
        names(command) ||
        command.endsWith(` ${dirs[0]}`) ||
        [...env.values()].some(names) ||
        (tasks !== undefined && env.get('MESOS_TASK_ID')?.startsWith(tasks) === true)),
  )
}

/** Waits until no process of the platform is left. Those that stay are ended, and the test fails for it. */
export async function seeNothingLeft(marks: Marks): Promise<void> {
  await waitFor('no process of the platform', goneMaxMs, () => {
    const left = listProcessesOfPlatform(marks)
    return left.length === 0 || notYet(left.map(({ pid, command }) => `${pid} ${command}`).join('; '))
  }).catch((error: unknown) => {
    endAll(marks)
    throw error
  })
}

/** Ends each process of this platform by its number: no test may leave one to the next. */
export function endAll(marks: Marks): void {
  for (const { pid } of listProcessesOfPlatform(marks)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
