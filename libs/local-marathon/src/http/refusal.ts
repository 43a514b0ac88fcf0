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

export function refuseMissing(what: string, version?: string): Refusal {
  const where = version === undefined ? '' : ` in version ${version}`
  return new Refusal(404, { message: `${what} does not exist${where}` })
}

/** 409: a running deployment holds the app. The place-holder in the text is Marathon's; the ids stand beside it. */
export function refuseLocked(deploymentIds: readonly string[]): Refusal {
  const message =
    "App is locked by one or more deployments. Override with the option '?force=true'. " +
    "View details at '/v2/deployments/<DEPLOYMENT_ID>'."
  return new Refusal(409, { message, deployments: deploymentIds.map((id) => ({ id })) })
}

/** The same no, about a part of a larger body: every path begins with where that part stands. */
export function refusedAt<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const details = error instanceof Refusal ? error.body['details'] : undefined
    if (!Array.isArray(details)) throw error
    const moved = (details as Complaint[]).map(({ path, errors }) => ({
      path: prefix + (path === '/' ? '' : path),
      errors,
    }))
    throw refuseInvalid(moved)
  }
}
