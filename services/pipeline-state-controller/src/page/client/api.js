/** How far this machine's clock is behind the server's, in ms: ages are told by the server's. */
let behindMs = 0

export const nowMs = () => Date.now() + behindMs

/** A no of the server, or none at all. `title` and `detail` are for people. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message)
    this.status = status
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [request]
 */
export async function ask(path, request) {
  const answer = await fetch(path, { cache: 'no-store', ...request }).catch(() => {
    throw new Refusal('The server does not answer.', 0)
  })
  const serverMs = Date.parse(answer.headers.get('date') ?? '')
  // The header knows whole seconds only, so it is half a second behind on average.
  if (Number.isFinite(serverMs)) behindMs = Math.abs(serverMs - Date.now()) < 1_500 ? 0 : serverMs + 500 - Date.now()
  if (answer.ok) return answer
  const problem = await answer.json().catch(() => ({}))
  throw new Refusal(problem.detail ?? `The server answered ${answer.status}.`, answer.status)
}

/**
 * @template T
 * @param {string} path
 * @returns {Promise<T>}
 */
export const getJson = async (path) => await (await ask(path)).json()

/**
 * @template T
 * @param {string} path
 * @param {object} body
 * @returns {Promise<T>}
 */
export async function postJson(path, body) {
  const headers = { 'content-type': 'application/json' }
  return await (await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

/** The path of a build, in the API and in the views alike. @param {{ pipeline: string, number: number }} build */
export const buildPath = ({ pipeline, number }) => `/builds/${encodeURIComponent(pipeline)}/${number}`

/** @param {string} pipeline */
export const pipelinePath = (pipeline) => `/pipelines/${encodeURIComponent(pipeline)}`
