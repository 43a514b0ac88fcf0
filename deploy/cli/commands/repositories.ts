import type { Repository } from '@baton/state-client'
import type { Registered } from '../../builder-client.ts'
import { errors } from '../../errors.ts'
import { refOf } from '../build-name.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

export interface AddOptions {
  readonly slug?: string
  readonly ref?: string[]
  readonly every?: string
}

export async function addRepository(call: Call, url: string, options: AddOptions): Promise<number> {
  call.terminal.progress(`looking at ${url} ...`)
  const { slug, every } = options
  const registered = await call.builder().register({ url, slug, every, refs: options.ref?.map(refOf) })
  call.terminal.json(registered)
  call.terminal.say(`${registered.slug} is registered; the head of ${registered.defaultRef} is built now.`)
  for (const line of linesOfHooks(registered, call.builderUrl())) call.terminal.say(line)
  return exitCodes.ok
}

/** Shows again what a forge has to be told; with `renewSecret` after making a new secret. */
export async function showHooks(call: Call, slug: string, options: { renewSecret?: boolean }): Promise<number> {
  if (options.renewSecret) await call.state().renewHookSecret(slug)
  const registered = await call.builder().get(slug)
  call.terminal.json(registered)
  for (const line of linesOfHooks(registered, call.builderUrl())) call.terminal.say(line)
  if (options.renewSecret) call.terminal.note('Hooks that are signed with the old secret are refused within a minute.')
  return exitCodes.ok
}

function linesOfHooks(registered: Registered, builderUrl: string): string[] {
  const hooks = Object.entries((registered.hooks ?? {}) as Record<string, unknown>)
  const lines = hooks.length > 0 ? ['A forge that is told one of these addresses makes builds start at once:'] : []
  for (const [forge, path] of hooks) lines.push(`  ${forge.padEnd(9)}  ${builderUrl}${String(path)}`)
  if (registered.hookSecret !== undefined) lines.push(`  ${'secret'.padEnd(9)}  ${registered.hookSecret}`)
  return lines
}

export async function listRepositories(call: Call): Promise<number> {
  const repositories = await call.state().listRepositories()
  call.terminal.json(repositories)
  if (repositories.length === 0) call.terminal.note('no repository is registered: baton repo add <git url>')
  for (const repository of repositories) call.terminal.say(lineOf(repository))
  return exitCodes.ok
}

function lineOf({ slug, url, refs, sweepFailure }: Repository): string {
  const failure = sweepFailure === null ? '' : `  (the last look failed: ${sweepFailure})`
  return `${slug}  ${url}  ${refs.join(' ')}${failure}`
}

export async function removeRepository(call: Call, slug: string): Promise<number> {
  await call.state().removeRepository(slug)
  call.terminal.json({ removed: slug })
  call.terminal.say(`${slug} is removed. Its history stays; registered again, its numbers go on.`)
  return exitCodes.ok
}

const secretBytesMax = 65_536

/** The value comes through stdin: an argument would be seen by every account of the machine. */
export async function setSecret(call: Call, slug: string, name: string): Promise<number> {
  if (call.stdin.isTTY) throw errors.SECRET_MISSING()
  const value = await readAll(call.stdin)
  if (value === '') throw errors.SECRET_MISSING()
  await call.state().setSecret(slug, name, value)
  call.terminal.json({ slug, name })
  call.terminal.say(`${name} is set for ${slug}; builds that start from now on get it.`)
  return exitCodes.ok
}

async function readAll(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length > secretBytesMax) throw errors.ARGUMENT_INVALID({ what: `a secret has at most ${secretBytesMax} bytes` })
  }
  // The line end is the shell's, not the secret's.
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

export async function listSecrets(call: Call, slug: string): Promise<number> {
  const names = await call.state().listSecretNames(slug)
  call.terminal.json(names)
  for (const name of names) call.terminal.say(name)
  return exitCodes.ok
}

export async function removeSecret(call: Call, slug: string, name: string): Promise<number> {
  await call.state().removeSecret(slug, name)
  call.terminal.json({ slug, name, removed: true })
  call.terminal.say(`${name} is removed from ${slug}.`)
  return exitCodes.ok
}
