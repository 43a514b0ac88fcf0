/** One complaint of Marathon's validation. `path` is `/` for the whole object, list places are written `(0)`. */
export interface Complaint {
  readonly path: string
  readonly errors: readonly string[]
}

/** A no of this server, in Marathon's words: a status and exactly the body that Marathon sends with it. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Record<string, unknown>

  constructor(status: number, body: Record<string, unknown> & { message: string }) {
    super(body.message)
    this.name = 'Refusal'
    this.status = status
    this.body = body
  }
}

/** 422: the definition can be read, but breaks a rule. */
export function refuseInvalid(details: readonly Complaint[]): Refusal {
  return new Refusal(422, { message: 'Object is not valid', details })
}

/** 422: a field has the wrong type or is missing. Marathon before 1.5 said 400. */
export function refuseTypes(details: readonly Complaint[]): Refusal {
  return new Refusal(422, { message: 'Invalid JSON', details })
}

export function refuseMissing(what: string): Refusal {
  return new Refusal(404, { message: `${what} does not exist` })
}

/** 409: a running deployment holds the app. */
export function refuseLocked(deploymentIds: readonly string[]): Refusal {
  const first = deploymentIds[0] ?? ''
  const message =
    "App is locked by one or more deployments. Override with the option '?force=true'. " +
    `View details at '/v2/deployments/${first}'.`
  return new Refusal(409, { message, deployments: deploymentIds.map((id) => ({ id })) })
}
