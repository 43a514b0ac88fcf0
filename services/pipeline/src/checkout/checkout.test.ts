import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout, pipeline, sh, step } from '@baton/pipeline'
import { startRun } from '@baton/pipeline/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { passwordsOf } from './check-url.ts'
import { createCheckout } from './checkout.ts'

let folder: string
let bare: string
let commits: string[]

const git = (cwd: string, ...args: string[]): string => {
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...who, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-checkout-'))
  const source = join(folder, 'source')
  mkdirSync(source)
  git(source, 'init', '-q')
  commits = [1, 2, 3].map((n) => {
    writeFileSync(join(source, 'file'), `version ${n}\n`)
    git(source, 'add', '.')
    git(source, 'commit', '-q', '-m', `c${n}`)
    if (n === 1) git(source, 'tag', 'v1')
    return git(source, 'rev-parse', 'HEAD')
  })
  bare = join(folder, 'bare.git')
  git(folder, 'clone', '-q', '--bare', source, bare)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(options: {
  commit?: string
  url?: string
  allowLocalGit?: boolean
  env?: Record<string, string>
  depth?: 'all'
  submodules?: boolean
}) {
  const sandbox = mkdtempSync(join(folder, 'sandbox-'))
  const cwd = join(sandbox, 'workspace')
  mkdirSync(cwd)
  const { commit = commits[2] ?? '', url = `file://${bare}`, allowLocalGit = true, depth, submodules } = options
  const definition = pipeline('todo', [
    checkout({ ...(depth && { depth }), ...(submodules && { submodules }) }),
    step('seen', sh`cat file; git describe --always --tags`),
  ])
  const result = await startRun(definition, {
    recorder: { plan: () => undefined, step: () => undefined, outputPath: (id) => join(sandbox, `${id}.log`) },
    build: { pipeline: 'todo', number: 1, attempt: 1, commit, ref: 'refs/heads/main', repository: 'todo' },
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: sandbox, ...options.env },
    checkout: createCheckout({ url, allowLocalGit, paths: { spool: join(sandbox, 'baton') } }),
  }).done
  const read = (id: string): string =>
    existsSync(join(sandbox, `${id}.log`)) ? readFileSync(join(sandbox, `${id}.log`), 'utf8') : ''
  return { result, cwd, output: read('1'), seen: read('2') }
}

/** The oldest protocol: a server of that age gives out heads only, never a commit by its hash. */
const oldServer = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' }

test('the head is checked out, shallow, and said first', async () => {
  const { result, output, seen, cwd } = await run({})
  expect(result.status).toBe('success')
  expect(output).toBe(`checkout ${commits[2]} of refs/heads/main\n`)
  expect(seen).toMatch(/^version 3\n/)
  expect(git(cwd, 'rev-parse', 'HEAD')).toBe(commits[2])
  expect(git(cwd, 'rev-list', '--count', 'HEAD')).toBe('1')
  expect(git(cwd, 'status', '--porcelain')).toBe('')
})

test('an older commit is fetched by its hash', async () => {
  const { result, seen } = await run({ commit: commits[0] ?? '' })
  expect(result.status).toBe('success')
  expect(seen).toMatch(/^version 1\n/)
})

test.each([0, 2])(
  'a server that gives out no hashes: commit %i comes with its ref or with the whole history',
  async (at) => {
    const { result, seen } = await run({ commit: commits[at] ?? '', env: oldServer })
    expect(result.status).toBe('success')
    expect(seen).toMatch(new RegExp(`^version ${at + 1}\n`))
  },
)

test('with depth all there is the history, with its tags', async () => {
  const { seen } = await run({ depth: 'all' })
  expect(seen).toMatch(/^version 3\nv1-2-g/)
})

test('submodules come when they are wanted, theirs too, by relative addresses as well', async () => {
  const make = (name: string, ...modules: [path: string, url: string][]): string => {
    const source = join(folder, name)
    mkdirSync(source)
    git(source, 'init', '-q')
    for (const [path, url] of modules)
      git(source, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', url, path)
    writeFileSync(join(source, 'file'), `of ${name}\n`)
    git(source, 'add', '.')
    git(source, 'commit', '-q', '-m', name)
    git(folder, 'clone', '-q', '--bare', source, join(folder, `${name}.git`))
    return git(source, 'rev-parse', 'HEAD')
  }
  make('inner')
  make('library', ['inner', `file://${folder}/inner.git`])
  const commit = make('outer-with-modules', ['lib', `file://${folder}/library.git`])
  const relative = join(folder, 'outer-with-modules')
  git(relative, 'config', '-f', '.gitmodules', 'submodule.lib.url', '../library.git')
  git(relative, 'commit', '-q', '-am', 'relative')
  git(relative, 'push', '-q', join(folder, 'outer-with-modules.git'), 'HEAD:main')
  const relativeCommit = git(relative, 'rev-parse', 'HEAD')
  const url = `file://${folder}/outer-with-modules.git`

  for (const wanted of [commit, relativeCommit]) {
    const { result, output, cwd } = await run({ url, commit: wanted, submodules: true })
    expect([result.status, output]).toEqual(['success', `checkout ${wanted} of refs/heads/main\n`])
    expect(readFileSync(join(cwd, 'lib/file'), 'utf8')).toBe('of library\n')
    expect(readFileSync(join(cwd, 'lib/inner/file'), 'utf8')).toBe('of inner\n')
    expect(readFileSync(join(cwd, '.git/config'), 'utf8')).not.toContain('[remote')
  }
  const without = await run({ url, commit })
  expect([without.result.status, existsSync(join(without.cwd, 'lib/file'))]).toEqual(['success', false])
  rmSync(join(folder, 'inner.git'), { recursive: true })
  const gone = await run({ url, commit, submodules: true })
  expect(gone.result).toMatchObject({ status: 'failure', reason: { args: { name: 'CHECKOUT_FAILED' } } })
})

test('another commit is never built in place of one that is gone', async () => {
  const { result, output, seen } = await run({ commit: 'd'.repeat(40) })
  expect(result).toMatchObject({ status: 'failure', reason: { args: { name: 'COMMIT_UNKNOWN' } } })
  expect(output).toContain('COMMIT_UNKNOWN')
  expect(seen).toBe('')
})

test.each([
  [{ allowLocalGit: false }, 'file:// is not allowed here'],
  [{ url: '--upload-pack=touch /tmp/x' }, 'it looks like an option'],
  [{ url: 'ext::sh -c true' }, 'it has spaces'],
  [{ url: 'ext::true' }, 'it is no Git URL'],
  [{ url: '/etc' }, 'it is no Git URL'],
])('refused: %o', async (options, why) => {
  const { result } = await run(options)
  expect(result.reason).toMatchObject({ args: { name: 'URL_REFUSED', message: expect.stringContaining(why) } })
})

test('a repository that is not there fails with what git says', async () => {
  const { result, output } = await run({ url: `file://${folder}/nowhere.git` })
  expect(result.reason).toMatchObject({
    args: { name: 'CHECKOUT_FAILED', message: expect.stringMatching(/commit: (fatal|error): /) },
  })
  expect(output).toContain('try 3 of 3')
})

test('a password in the address is known, so that it can be masked', () => {
  expect(passwordsOf('https://ada:p%40ss@forge.example/x.git')).toEqual(['p%40ss', 'p@ss'])
  expect(passwordsOf('https://forge.example/x.git')).toEqual([])
  expect(passwordsOf('git@forge.example:x.git')).toEqual([])
})
