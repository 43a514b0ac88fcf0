import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A container engine of this machine, as its client reaches it. */
export interface Engine {
  /** The client's program. */
  readonly client: string
  readonly version: string
  /** What the client needs to find its engine; containers see nothing of it. */
  readonly environment: Readonly<Record<string, string>>
}

const clients = ['docker', 'podman']
/** Podman's client is its engine; that of Docker answers for one that may not be there. */
const versionOf = (client: string) => (client.endsWith('podman') ? '{{.Client.Version}}' : '{{.Server.Version}}')
/** An engine that hangs must not hold the start of this server. */
const answerMaxMs = 3_000
/** The variables by which a client finds its engine. */
export const engineVariables = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR']

/** `auto`: the first client whose engine answers. Anything else is a client's program, or `none`. */
export async function findEngine(wish: string, environment: Engine['environment']): Promise<Engine | undefined> {
  if (wish === 'none') return undefined
  for (const client of wish === 'auto' ? clients : [wish]) {
    const question = ['version', '--format', versionOf(client)]
    const version = (await callEngine({ client, environment }, question, answerMaxMs).catch(() => '')).trim()
    if (version !== '') return { client, version, environment }
  }
  return undefined
}

/** Calls a client, and says what it printed. Rejects when it refuses. */
export async function callEngine(
  { client, environment }: Pick<Engine, 'client' | 'environment'>,
  args: readonly string[],
  maxMs: number,
): Promise<string> {
  const { stdout } = await promisify(execFile)(client, args, { env: environment, timeout: maxMs })
  return stdout
}
