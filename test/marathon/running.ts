import { createMarathonClient, isTaskOver } from '../../libs/marathon/src/index.ts'
import { waitFor } from './marathon-process.ts'

/**
 * Counts the running tasks of an app by its events, so that no moment is missed, however slow this machine is just now.
 * `until` waits for the end of all but `left`, and says how many ran at least and at most.
 */
export async function countRunning(url: string, appId: string, running: readonly string[]) {
  const client = createMarathonClient({ url })
  const stop = new AbortController()
  const tasks = new Set(running)
  const counts = [tasks.size]
  let isOpen = false
  const following = client.events({
    types: ['status_update_event'],
    signal: stop.signal,
    onOpen: () => {
      isOpen = true
    },
    onEvent: ({ appId: of, taskId = '', taskStatus = '' }) => {
      if (of !== appId) return
      if (taskStatus === 'TASK_RUNNING') tasks.add(taskId)
      if (isTaskOver(taskStatus)) tasks.delete(taskId)
      counts.push(tasks.size)
    },
  })
  await waitFor('the event stream', 20_000, () => isOpen)

  async function until(left: readonly string[]): Promise<{ least: number; most: number }> {
    await waitFor('the last events', 20_000, () => [...tasks].sort().join() === [...left].sort().join())
    stop.abort()
    await following
    client.close()
    return { least: Math.min(...counts), most: Math.max(...counts) }
  }
  return { until }
}
