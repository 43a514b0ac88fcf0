import { BatonError, type ErrorKind, errorKinds } from '@baton/model'
import type { Build, Repository } from '@baton/state-client'
import { errors } from './errors.ts'

/** What somebody registers: the Builder looks at the remote before anything is stored. */
export interface Registration {
  readonly url: string
  readonly slug?: string | undefined
  readonly refs?: readonly string[] | undefined
  readonly every?: string | undefined
}

/** A registered repository, with what a forge has to be told: paths of the hooks, and the secret that signs them. */
export type Registered = Repository & { readonly hooks?: unknown; readonly hookSecret?: string }

/** The Pipeline-Builder, as a person's tool sees it. Its own codes come through; no answer is BUILDER_UNREACHABLE. */
export interface BuilderClient {
  register(registration: Registration): Promise<Registered>
  /** A repository with its hooks. @throws REPOSITORY_UNKNOWN */
  get(slug: string): Promise<Registered>
  remove(slug: string): Promise<void>
  start(slug: string, what: { commit?: string; ref?: string }, requestId: string): Promise<Build[]>
}

/** A first look at a large remote takes its time. */
const answerMs = 120_000

export function createBuilderClient(options: { url: string; token: string }): BuilderClient {
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    askOnce(options, method, path, body, headers)
  return {
    register: async (registration) => (await ask('POST', '/repositories', registration)) as Registered,
    get: async (slug) => (await ask('GET', `/repositories/${encodeURIComponent(slug)}`)) as Registered,
    remove: async (slug) => void (await ask('DELETE', `/repositories/${encodeURIComponent(slug)}`)),
    start: async (slug, what, requestId) => {
      const path = `/repositories/${encodeURIComponent(slug)}/builds`
      const answer = await ask('POST', path, what, { 'idempotency-key': requestId })
      return Array.isArray(answer) ? (answer as Build[]) : ((answer as { builds: Build[] }).builds ?? [])
    },
  }
}

async function askOnce(
  { url, token }: { url: string; token: string },
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMs),
  }).catch((error: unknown) => Promise.reject(errors.BUILDER_UNREACHABLE({ url }, error)))
  const text = await answer.text()
  const value = readJson(text)
  if (answer.ok) return value
  throw noOf(url, answer.status, value)
}

function readJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Problem {
  readonly code?: unknown
  readonly detail?: string
  readonly hint?: string
  readonly fields?: Record<string, unknown>
}

function noOf(url: string, status: number, value: unknown): Error {
  const problem = (value ?? {}) as Problem
  if (typeof problem.code !== 'string') return errors.BUILDER_UNREACHABLE({ url }, new Error(`answered ${status}`))
  const kinds = Object.keys(errorKinds) as ErrorKind[]
  const kind = kinds.find((name) => errorKinds[name].status === status) ?? 'unavailable'
  const { detail, hint, fields } = problem
  return new BatonError(problem.code, kind, detail ?? problem.code, { fields: fields ?? {}, hint })
}
