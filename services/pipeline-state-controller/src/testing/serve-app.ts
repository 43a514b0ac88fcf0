import { createLog } from '@baton/service-kit'
import { createStateClient, type Description, type NewRepository } from '@baton/state-client'
import { createApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { createKeys } from '../keys/keys.ts'
import { openSqlite } from '../sqlite/open-store.ts'

export const adminToken = 'admin-token-of-the-tests'
export const serviceToken = 'service-token-of-the-tests'

/** For tests: the whole service over a database in memory, listening on loopback. */
export async function serveApp(settings: Record<string, string> = {}) {
  const config = readConfig({
    INSTALLATION: 'abc123',
    DATA_DIR: ':memory:',
    ADMIN_TOKEN: adminToken,
    SERVICE_TOKEN: serviceToken,
    MASTER_KEY: 'ab'.repeat(32),
    LOG_LEVEL: 'silent',
    ...settings,
  })
  const log = createLog({ service: 'test', level: 'silent' })
  const keys = createKeys(config.masterKey, config.installation)
  const ports = openSqlite({ dataDir: config.dataDir, keys, settings: config, log, now: new Date() })
  const { service, components } = await createApp({ config, version: '0', log, ports })
  const url = await service.listen({ host: '127.0.0.1', port: 0 })
  const client = createStateClient({ url, token: serviceToken })
  return {
    url,
    ports,
    service,
    client,
    admin: client.withToken(adminToken),
    async close() {
      client.close()
      service.server.closeAllConnections()
      await service.close()
      for (const component of components) await component.close()
      ports.close()
    },
  }
}

export type ServedApp = Awaited<ReturnType<typeof serveApp>>

export const commitA = 'a'.repeat(40)
export const commitB = 'b'.repeat(40)
export const key = 'e'.repeat(64)

export const todo: NewRepository = {
  slug: 'todo',
  url: 'https://forge.invalid/shop/todo.git',
  refs: ['refs/heads/**'],
  every: 'head',
  defaultRef: 'refs/heads/main',
  heads: [{ ref: 'refs/heads/main', head: commitA }],
}

export const description: Description = {
  name: 'todo',
  cpus: 0.5,
  memMb: 128,
  diskMb: 0,
  timeoutMs: 600_000,
  attemptsMax: 1,
  paths: [],
  steps: [{ id: '1', name: 'test', kind: 'step' }],
}

export const assembly = { key, pipeline: 'todo', repository: 'todo', entryFile: 'pipeline.ts', install: false }

/** Registers the repository, resolves its first entry and assembles its version, as the services would. @returns build todo#1, queued */
export async function buildReady({ client }: ServedApp): Promise<void> {
  await client.addRepository(todo)
  await client.putMetaPipeline(Buffer.from('export {} // meta'), description)
  const entry = await client.take({ kinds: ['resolve'], owner: 'test', waitMs: 0 })
  if (entry?.kind !== 'resolve') throw new Error('the first entry is to be resolved')
  const info = { author: 'Ada', subject: 'A list' }
  const resolution = { pipeline: 'todo', build: { key, assembly, firstOfVersion: true }, skipped: null }
  await client.done(entry, { info, resolutions: [resolution], whole: null })
  const meta = await claimNext({ client }, 'place-meta')
  const { digest } = await meta.writer.publishBundle(key, Buffer.from('export {} // todo'))
  await meta.writer.publish(key, { digest, description })
  await meta.writer.result({ status: 'success', reason: null, events: 0, outputs: {} })
}

/** Takes the next placing of a lane, says that Marathon took it, and claims it as its process would. */
export async function claimNext({ client }: Pick<ServedApp, 'client'>, kind: 'place-build' | 'place-meta') {
  const work = await client.take({ kinds: [kind], owner: 'test', waitMs: 2_000 })
  if (work?.kind !== kind) throw new Error(`no ${kind} is due`)
  await client.done(work, { refused: null })
  const { pipeline, number, attempt, ticket, bundle } = work.payload
  const claim = { pipeline, number, attempt, ticket, taskId: `task-${number}`, nonce: 'n'.repeat(20), protocol: 1 }
  const door = await fetch(`${client.url}/api/claims`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...claim, sandbox: null }),
  })
  const answer = (await door.json()) as { token: string; code?: string }
  if (!door.ok) throw new Error(`the claim was refused: ${answer.code}`)
  const writer = client.withToken(answer.token).attempts(pipeline, number, attempt)
  return { ...work.payload, claim, token: answer.token, writer, bundle }
}
