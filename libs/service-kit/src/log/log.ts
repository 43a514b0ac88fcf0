import { type DestinationStream, type Logger, pino } from 'pino'
import { masked, maskLine, secretNames } from '../mask/mask.ts'
import { findRequestId } from './request-context.ts'

export type Log = Logger

/**
 * What is masked before it is written, objects too, up to two objects deep: `token`, `request.headers.token`. Text and
 * lists of texts are masked in the written line, however deep, and under names like `serviceToken` as well.
 */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/**
 * A pino log, one JSON line for each event, to stdout (or to `destination`, in tests). Fields that carry secrets and
 * passwords in URLs are masked.
 * @param options.level the least level that is written, `info` unless given; `silent` writes nothing
 */
export function createLog(options: { service: string; level?: string }, destination?: DestinationStream): Log {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretPaths, censor: masked },
    mixin: withRequestOf,
    hooks: { streamWrite: maskLine },
  }
  return destination === undefined ? pino(settings) : pino(settings, destination)
}

/** A line of the service's own log, written on behalf of a request, names it as a line of the request's log does. */
function withRequestOf(_line: object, _level: number, log: Logger): object {
  const requestId = findRequestId()
  return requestId === undefined || 'requestId' in log.bindings() ? {} : { requestId }
}
