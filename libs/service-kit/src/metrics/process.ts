import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import { listJobs } from '../jobs/job.ts'
import { findDiskSpace } from './disk.ts'

// The delay of the event loop is sampled this often. The default, 10 ms, wakes an idle process a hundred times a second.
const sampleMs = 100

/** Adds CPU, memory, files, event loop and GC of this process, and the runs of its jobs. Once for each registry. */
export function addProcessMetrics(registry: Registry): void {
  if (registry.getSingleMetric('process_cpu_seconds_total') !== undefined) return
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: sampleMs })
  // Sums of the three beside them, and gauges that are called totals, which Prometheus' own check complains about.
  for (const of of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${of}_total`)
  let before = performance.eventLoopUtilization()
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time since the last collection in which the event loop was busy.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, before).utilization || 0)
      before = now
    },
  })
  new Gauge({
    name: 'job_runs',
    help: 'Runs of each job since it was started, by result.',
    labelNames: ['job', 'result'] as const,
    registers: [registry],
    collect() {
      this.reset()
      for (const { name, runs, failures } of listJobs()) {
        this.set({ job: name, result: 'ok' }, runs - failures)
        this.set({ job: name, result: 'failed' }, failures)
      }
    },
  })
  new Gauge({
    name: 'disk_free_bytes',
    help: 'Free space of the disk that the process works on.',
    registers: [registry],
    collect() {
      const space = findDiskSpace()
      if (space !== undefined) this.set(space.freeBytes)
    },
  })
}
