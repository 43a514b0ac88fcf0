import type { Build, BuildDetail } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../testing/run-command.ts'
import { type Answer, type Asked, serveJson } from '../testing/serve-json.ts'
import { tempDir } from '../testing/temp-dir.ts'

const build = (status: string): Build =>
  ({
    pipeline: 'todo',
    number: 12,
    repository: 'todo',
    commit: 'c0ffee00'.repeat(5),
    ref: 'refs/heads/main',
    status,
    reason: null,
    cause: { code: 'ran.person', args: { who: 'admin' } },
    subject: 'brew',
    createdAt: '2026-01-01T12:00:00.000Z',
    startedAt: '2026-01-01T12:00:01.000Z',
    endedAt: status === 'running' ? null : '2026-01-01T12:00:03.500Z',
  }) as unknown as Build

const detail = (status: string): BuildDetail => ({
  ...build(status),
  attempts: [],
  steps: [
    {
      id: '1',
      name: 'verify',
      kind: 'group',
      status: 'failure',
      reason: null,
      startedAt: null,
      endedAt: null,
      outputBytes: 0,
    },
    {
      id: '1.1',
      name: 'test',
      kind: 'step',
      status: 'failure',
      reason: { code: 'failure.code', args: { step: 'test', code: 1 } },
      startedAt: null,
      endedAt: null,
      outputBytes: 5,
    },
  ],
})

/** A controller and a builder in one that knows these answers, by method and path. */
async function platform(answers: Record<string, Answer>) {
  const known = ({ method, path }: Asked): Answer =>
    answers[`${method} ${path.split('?')[0]}`] ?? {
      status: 404,
      json: { status: 404, code: 'BUILD_UNKNOWN', detail: 'there is no such build', hint: 'baton builds lists them' },
    }
  const { url, asked } = await serveJson(known)
  return { asked, env: { BATON_URL: url, BATON_BUILDER_URL: url, BATON_TOKEN: 'secret' } }
}

describe('a command ends with a code that says who has to act', () => {
  test('0: it is done', async () => {
    const { env, asked } = await platform({ 'GET /api/builds': { json: [build('success')] } })

    const ended = await runCommand(['builds', 'todo', '--limit', '5'], { env })

    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toBe('✓  todo#12  success  2.5 s  c0ffee00 main  brew\n')
    expect(asked[0]).toMatchObject({
      path: '/api/builds?limit=5&pipeline=todo',
      headers: { authorization: 'Bearer secret' },
    })
  })

  test('1: the build is red', async () => {
    const { env } = await platform({ 'GET /api/builds/todo/12': { json: detail('failure') } })

    const ended = await runCommand(['build', 'todo#12'], { env })

    expect(ended.code).toBe(1)
    expect(ended.out).toContain('admin started it by hand.')
    expect(ended.out).toContain('    ✗ 1.1 test  failure    test ended with code 1.')
  })

  test.each([
    ['an argument is missing', ['build']],
    ['the command is unknown', ['biuld', 'todo#1']],
    ['the option is unknown', ['builds', '--colour']],
    ['the port is none', ['up', '--port', '70000']],
    ['the build is not named as one', ['build', 'todo']],
    ['both a commit and a ref are named', ['start', 'todo', '--commit', 'a', '--ref', 'b']],
  ])('2: %s', async (_, args) => {
    const { env } = await platform({})

    expect((await runCommand(args, { env })).code).toBe(2)
  })

  test('3: there is no such thing', async () => {
    const { env } = await platform({})

    const ended = await runCommand(['build', 'todo#99'], { env })

    expect(ended).toEqual({
      code: 3,
      out: '',
      err: 'there is no such build (BUILD_UNKNOWN)\nhint: baton builds lists them\n',
    })
  })

  test('4: it is refused', async () => {
    const no = {
      status: 409,
      json: { code: 'REPOSITORY_EXISTS', detail: 'todo has this URL already', fields: { slug: 'todo' } },
    }
    const { env, asked } = await platform({ 'POST /repositories': no })

    const ended = await runCommand(['repo', 'add', 'https://forge/todo.git', '--ref', 'main', '--json'], { env })

    expect(ended.code).toBe(4)
    expect(JSON.parse(ended.err)).toMatchObject({ code: 'REPOSITORY_EXISTS', fields: { slug: 'todo' }, exitCode: 4 })
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ url: 'https://forge/todo.git', refs: ['refs/heads/main'] })
  })

  test('5: nobody answers', async () => {
    const env = { BATON_URL: 'http://127.0.0.1:1', BATON_TOKEN: 'secret' }

    expect(await runCommand(['builds'], { env })).toMatchObject({
      code: 5,
      err: expect.stringContaining('STATE_UNREACHABLE'),
    })
  })

  test('5: there is no platform here', async () => {
    const ended = await runCommand(['builds'], { cwd: tempDir() })

    expect(ended).toMatchObject({ code: 5, err: expect.stringContaining('PLATFORM_MISSING') })
  })

  test('0 for help, which goes to stdout', async () => {
    expect(await runCommand(['repo', '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('add [options] <url>'),
    })
  })
})

describe('--json', () => {
  test('prints exactly what the platform answered, before or after the command', async () => {
    const { env } = await platform({ 'GET /api/builds': { json: [build('success')] } })

    for (const args of [
      ['--json', 'builds'],
      ['builds', '--json'],
    ]) {
      expect(JSON.parse((await runCommand(args, { env })).out)).toEqual([build('success')])
    }
  })
})

describe('waiting', () => {
  test('ends when the build does, with its colour', async () => {
    let looks = 0
    const { url } = await serveJson(({ method, path }) => {
      if (method === 'POST')
        return { status: 201, json: path.includes('/builds/') ? build('queued') : { builds: [build('queued')] } }
      looks += 1
      return { json: detail(looks < 3 ? 'running' : 'failure') }
    })
    const env = { BATON_URL: url, BATON_BUILDER_URL: url, BATON_TOKEN: 'secret' }

    expect((await runCommand(['start', 'todo', '--wait'], { env })).code).toBe(1)
    expect((await runCommand(['retrigger', 'todo#12', '--wait'], { env })).code).toBe(1)
    expect(looks).toBe(4)
  })

  test('ends with 130 when the person stops waiting', async () => {
    const { env } = await platform({
      'GET /api/builds/todo/12': { json: detail('running') },
      'POST /api/builds/todo/12/retrigger': { status: 201, json: build('running') },
    })

    const ended = await runCommand(['retrigger', 'todo#12', '--wait'], { env, signal: AbortSignal.abort() })

    expect(ended.code).toBe(130)
  })
})

describe('log', () => {
  const output = (text: string, total: number, ended: boolean): Answer => ({
    text,
    headers: {
      'content-type': 'application/octet-stream',
      'x-baton-output-total': String(total),
      'x-baton-output-ended': String(ended),
    },
  })

  test('prints the bytes of a step that is named by its name', async () => {
    const { env } = await platform({
      'GET /api/builds/todo/12': { json: detail('failure') },
      'GET /api/builds/todo/12/output/1.1': output('öps\n', 5, true),
    })

    expect(await runCommand(['log', 'todo#12', 'test'], { env })).toEqual({ code: 0, out: 'öps\n', err: '' })
  })

  test('says which steps there are when there is no such one', async () => {
    const { env } = await platform({ 'GET /api/builds/todo/12': { json: detail('failure') } })

    const ended = await runCommand(['log', 'todo#12', 'tset'], { env })

    expect(ended).toMatchObject({ code: 3, err: expect.stringContaining('1.1 test') })
  })

  test('of a group says that it is one, and which steps have output', async () => {
    const { env } = await platform({ 'GET /api/builds/todo/12': { json: detail('failure') } })

    const ended = await runCommand(['log', 'todo#12', 'verify'], { env })

    expect(ended).toMatchObject({ code: 3, out: '' })
    expect(ended.err).toContain('1 verify of todo#12 is a group of steps')
    expect(ended.err).toContain('hint: steps with output: 1.1 test\n')
  })

  test('of a step that printed nothing says so, apart from the output', async () => {
    const { env } = await platform({
      'GET /api/builds/todo/12': { json: detail('failure') },
      'GET /api/builds/todo/12/output/1.1': output('', 0, true),
    })

    const ended = await runCommand(['log', 'todo#12', 'test'], { env })

    expect(ended).toEqual({ code: 0, out: '', err: '1.1 test has printed nothing (failure)\n' })
  })

  test('of a build whose pipeline was not assembled names the build that was to do it', async () => {
    const versionKey = 'a'.repeat(64)
    const { env } = await platform({
      'GET /api/builds/todo/12': { json: { ...detail('failure'), steps: [], versionKey } },
      [`GET /api/versions/${versionKey}`]: { json: { metaBuild: 3 } },
    })

    const ended = await runCommand(['log', 'todo#12'], { env })

    expect(ended).toMatchObject({ code: 0, out: '' })
    expect(ended.err).toContain("how its pipeline was assembled: baton log '~todo#3'")
  })

  test('with --follow goes on until the step is over', async () => {
    let asks = 0
    const { url } = await serveJson(({ path }) => {
      if (!path.includes('/output/')) return { json: detail('running') }
      asks += 1
      const offset = Number(new URL(path, 'http://x').searchParams.get('offset'))
      const text = ['one\n', '', 'two\n', ''][asks - 1] ?? ''
      return output(text, offset + text.length, asks >= 4)
    })

    const ended = await runCommand(['log', 'todo#12', '1.1', '--follow'], { env: { BATON_URL: url, BATON_TOKEN: 'x' } })

    expect(ended).toEqual({ code: 0, out: 'one\ntwo\n', err: '' })
  })
})

describe('a name that stands for nothing is an error that says what was probably meant', () => {
  const row = (pipeline: string) => ({ pipeline, repository: 'todo', newest: null, lastEnded: null })
  const answers = {
    'GET /api/builds': { json: [] },
    'GET /api/pipelines': { json: [row('shop'), row('todo')] },
    'GET /api/repositories': { json: [{ slug: 'todo' }] },
  }

  test.each([
    [['builds', 'tood'], 3, 'did you mean todo?'],
    [['builds', '~tood'], 3, 'did you mean ~todo?'],
    [['builds', '--repository', 'dodo'], 3, 'did you mean todo?'],
    [['builds', '--status', 'sucess'], 2, 'did you mean success?'],
  ])('%j', async (args, code, hint) => {
    const { env } = await platform(answers)

    const ended = await runCommand(args, { env })

    expect(ended).toMatchObject({ code, out: '', err: expect.stringContaining(hint) })
  })

  test('but one that has no builds yet is not', async () => {
    const { env } = await platform(answers)

    for (const args of [
      ['builds', 'todo'],
      ['builds', '~todo', '--repository', 'todo'],
      ['builds', '--status', 'lost'],
    ])
      expect(await runCommand(args, { env })).toEqual({ code: 0, out: 'no builds\n', err: '' })
  })
})

describe('a secret', () => {
  test('comes through stdin, without the line end', async () => {
    const { env, asked } = await platform({ 'PUT /api/repositories/todo/secrets/KEY': { status: 204 } })

    expect((await runCommand(['repo', 'secret', 'set', 'todo', 'KEY'], { env, stdin: 'a b\n' })).code).toBe(0)
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ value: 'a b' })
  })

  test('without a value is refused before anybody is asked', async () => {
    const { env, asked } = await platform({})

    expect((await runCommand(['repo', 'secret', 'set', 'todo', 'KEY'], { env })).code).toBe(2)
    expect(asked).toEqual([])
  })
})
