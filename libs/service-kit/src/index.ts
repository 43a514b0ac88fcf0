export { Counter, Gauge, Registry } from 'prom-client'
export { type Clock, systemClock } from './clock/clock.ts'
export {
  type ConfigCheck,
  type ConfigOf,
  configErrors,
  defineConfig,
  flag,
  integer,
  list,
  oneOf,
  type ReadConfig,
  type Setting,
  secret,
  secrets,
  text,
  url,
} from './config/config.ts'
export { crashPoint } from './crash/crash-point.ts'
export { createGraphiteReporter, type GraphiteOptions, type GraphiteReporter } from './graphite/reporter.ts'
export { graphiteSettings, openGraphite } from './graphite/settings.ts'
export { type Job, type JobOptions, type JobStatus, listJobs, startJob } from './jobs/job.ts'
export { createLog, type Log } from './log/log.ts'
export { trackRequestIds, withRequestId } from './log/request-context.ts'
export { masked, maskUrls } from './mask/mask.ts'
export { addProcessMetrics } from './metrics/process.ts'
export type { ServiceKit } from './service/kit.ts'
export { orExit } from './service/or-exit.ts'
export { type Problem, problemType, serviceErrors } from './service/problem.ts'
export { type Component, exitCodes, type ServeOptions, type Serving, serve } from './service/serve.ts'
export { createService, type Service, type ServiceOptions } from './service/service.ts'
export type { StatusAggregation, StatusDetail, StatusLevel, StatusReading } from './service/status.ts'
export { prefersHtml } from './status-page/accept.ts'
export { html, type Markup } from './status-page/markup.ts'
