import type { Complaint } from '../http/refusal.ts'
import type { GivenApp } from './defaults.ts'

type GivenCheck = NonNullable<GivenApp['healthChecks']>[number]

/** Probed from here; the others are run beside the task by its executor. */
const marathonProtocols = ['HTTP', 'HTTPS', 'TCP']
const mesosHttp = ['MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP']

export function checkHealthChecks(app: GivenApp): Complaint[] {
  const checks = app.healthChecks ?? []
  const each = checks.flatMap((check, index) => {
    const errors = [portIndex(app, check), ipProtocol(check), command(check)].filter((one) => one !== undefined)
    return errors.length > 0 ? [{ path: `/healthChecks(${index})`, errors }] : []
  })
  // Several COMMAND checks could once be stored, so Marathon does not count them here.
  const beside = checks.filter((check) => check.command === undefined && mesosHttp.includes(check.protocol ?? ''))
  if (beside.length <= 1) return each
  return [...each, { path: '/', errors: ['AppDefinition can contain at most one Mesos health check'] }]
}

function portIndex(app: GivenApp, check: GivenCheck): string | undefined {
  if (check.command !== undefined || !marathonProtocols.includes(check.protocol ?? 'HTTP')) return undefined
  const count = app.portDefinitions?.length ?? app.ports?.length ?? 1
  const isThere = check.portIndex === undefined ? check.port !== undefined || count === 1 : check.portIndex < count
  if (isThere) return undefined
  return 'Health check port indices must address an element of the ports array or container port mappings.'
}

function ipProtocol(check: GivenCheck): string | undefined {
  if (check.ipProtocol !== 'IPv6') return undefined
  return 'IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks'
}

function command(check: GivenCheck): string | undefined {
  return check.protocol === 'COMMAND' && !check.command ? 'COMMAND health checks need a command' : undefined
}

export function checkReadiness(app: GivenApp): Complaint[] {
  const checks = app.readinessChecks ?? []
  const names = app.portDefinitions ? app.portDefinitions.flatMap((port) => port.name ?? []) : ['default']
  const each = checks.flatMap((check, index): Complaint[] => {
    const { portName = 'http-api', timeoutSeconds = 10, intervalSeconds = 30 } = check
    const isKnown = names.includes(portName)
    const isShort = timeoutSeconds < intervalSeconds
    return [
      ...(isKnown ? [] : [complain(index, 'portName', `No port definition reference for portName ${portName}`)]),
      ...(isShort
        ? []
        : [complain(index, 'timeoutSeconds', `got ${timeoutSeconds}, expected less than ${intervalSeconds}`)]),
    ]
  })
  if (checks.length <= 1) return each
  return [...each, { path: '/readinessChecks', errors: [`got ${checks.length}, expected 1 or less`] }]
}

function complain(index: number, field: string, message: string): Complaint {
  return { path: `/readinessChecks(${index})/${field}`, errors: [message] }
}

/** One look, one kind; its port has to be there. */
export function checkCheck({ check, portDefinitions, ports }: GivenApp): Complaint[] {
  if (!check) return []
  const kinds = [check.http, check.tcp, check.exec].filter((one) => one !== undefined)
  if (kinds.length !== 1) return [{ path: '/check', errors: ['must define exactly one of http, tcp and exec'] }]
  const { shell, argv } = check.exec?.command ?? {}
  const isCommand = (shell !== undefined) !== (argv !== undefined && argv.length > 0)
  if (check.exec && !isCommand) return [{ path: '/check/exec/command', errors: ['must define either shell or argv'] }]
  const { port, portIndex = 0 } = check.http ?? check.tcp ?? { port: 0 }
  const count = portDefinitions?.length ?? ports?.length ?? 1
  if (port !== undefined || portIndex < count) return []
  const message = 'Health check port indices must address an element of the ports array or container port mappings.'
  return [{ path: '/check', errors: [message] }]
}
