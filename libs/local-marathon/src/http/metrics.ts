import { countTasks } from '../apps/show-app.ts'
import type { Machine } from '../machine.ts'
import { isScheduled } from '../tasks/instance.ts'

/** The figures of Marathon's `/metrics` that say something of one machine, under their names of 1.11. */
export function showMetrics(machine: Machine) {
  const instances = [...machine.instances.values()]
  const counts = [...machine.apps.keys()].map((appId) => countTasks(machine, appId))
  const sum = (name: keyof ReturnType<typeof countTasks>) => counts.reduce((total, one) => total + one[name], 0)
  const memory = process.memoryUsage()
  const gauges: Record<string, number> = {
    'marathon.apps.active.gauge': machine.apps.size,
    'marathon.groups.active.gauge': machine.groups.size + 1,
    'marathon.deployments.active.gauge': machine.deployments.size,
    'marathon.instances.running.gauge': sum('tasksRunning'),
    'marathon.instances.staged.gauge': sum('tasksStaged'),
    'marathon.instances.inflight-kills.gauge': instances.filter((one) => one.task?.isKilled === true).length,
    'marathon.instances.scheduled.gauge': instances.filter(isScheduled).length,
    'marathon.http.event-streams.active.gauge': machine.events.listenerCount,
    'marathon.uptime.gauge.seconds': process.uptime(),
    'marathon.jvm.memory.total.used.gauge.bytes': memory.rss,
    'marathon.jvm.memory.heap.used.gauge.bytes': memory.heapUsed,
  }
  return {
    version: '4.0.0',
    counters: {},
    gauges: Object.fromEntries(Object.entries(gauges).map(([name, value]) => [name, { value }])),
    histograms: {},
    meters: {},
    timers: {},
  }
}
