import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../testing/run-command.ts'
import { sampleBuild, sampleDetail, servePlatform } from '../testing/sample-platform.ts'
import { serveJson } from '../testing/serve-json.ts'
import { tempDir } from '../testing/temp-dir.ts'

describe('a command ends with a code that says who has to act', () => {
  test('0: it is done', async () => {
    const { env, asked } = await servePlatform({ 'GET /api/builds': { json: [sampleBuild('success')] } })

    const ended = await runCommand(['builds', 'todo', '--limit', '5'], { env })

    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toBe('✓  todo#12  success  2.5 s  c0ffee00 main  brew\n')
    expect(asked[0]).toMatchObject({
      path: '/api/builds?limit=5&pipeline=todo',
      headers: { authorization: 'Bearer secret' },
    })
  })

  test('1: the build is red', async () => {
    const { env } = await servePlatform({ 'GET /api/builds/todo/12': { json: sampleDetail('failure') } })

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
    const { env } = await servePlatform({})

    expect((await runCommand(args, { env })).code).toBe(2)
  })

  test('3: there is no such thing', async () => {
    const { env } = await servePlatform({})

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
    const { env, asked } = await servePlatform({ 'POST /repositories': no })

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

  test.each([
    [
      'a platform of another one is named by --data in its hint',
      ['builds', '--data', 'none'],
      5,
      '"baton --data none up"',
    ],
    ['4: the data folder is a file', ['up', '--detach', '--data', 'file'], 4, 'DATA_NOT_OURS'],
    ['4: the data folder lies in a file', ['up', '--detach', '--data', 'file/x'], 4, 'DATA_NOT_MADE'],
    [
      '2: a Marathon alone is to use the data of a platform',
      ['marathon', '--data', 'taken'],
      2,
      'is the data of a platform',
    ],
  ])('%s', async (_, args, code, said) => {
    const cwd = tempDir()
    writeFileSync(join(cwd, 'file'), '')
    mkdirSync(join(cwd, 'taken'))
    writeFileSync(join(cwd, 'taken/platform.json'), '{}')

    expect(await runCommand(args, { cwd })).toMatchObject({ code, err: expect.stringContaining(said) })
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
    const { env } = await servePlatform({ 'GET /api/builds': { json: [sampleBuild('success')] } })

    for (const args of [
      ['--json', 'builds'],
      ['builds', '--json'],
    ]) {
      expect(JSON.parse((await runCommand(args, { env })).out)).toEqual([sampleBuild('success')])
    }
  })
})

describe('waiting', () => {
  test('ends when the build does, with its colour', async () => {
    let looks = 0
    const { url } = await serveJson(({ method, path }) => {
      if (method === 'POST')
        return {
          status: 201,
          json: path.includes('/builds/') ? sampleBuild('queued') : { builds: [sampleBuild('queued')] },
        }
      looks += 1
      return { json: sampleDetail(looks < 3 ? 'running' : 'failure') }
    })
    const env = { BATON_URL: url, BATON_BUILDER_URL: url, BATON_TOKEN: 'secret' }

    expect((await runCommand(['start', 'todo', '--wait'], { env })).code).toBe(1)
    expect((await runCommand(['retrigger', 'todo#12', '--wait'], { env })).code).toBe(1)
    expect(looks).toBe(4)
    looks = 0
    const waited = await runCommand(['build', 'todo#12', '--wait', '--json'], { env })
    expect(waited.code).toBe(1)
    expect(JSON.parse(waited.out)).toEqual(sampleDetail('failure'))
    expect(waited.err.split('\n').slice(0, 3)).toEqual([
      'todo#12 running',
      'todo#12 ✗ 1 verify  failure',
      'todo#12 ✗ 1.1 test  failure    test ended with code 1.',
    ])
  })

  test('ends with 130 when the person stops waiting', async () => {
    const { env } = await servePlatform({
      'GET /api/builds/todo/12': { json: sampleDetail('running') },
      'POST /api/builds/todo/12/retrigger': { status: 201, json: sampleBuild('running') },
    })

    const ended = await runCommand(['retrigger', 'todo#12', '--wait'], { env, signal: AbortSignal.abort() })

    expect(ended.code).toBe(130)
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
    const { env } = await servePlatform(answers)

    const ended = await runCommand(args, { env })

    expect(ended).toMatchObject({ code, out: '', err: expect.stringContaining(hint) })
  })

  test('but one that has no builds yet is not', async () => {
    const { env } = await servePlatform(answers)

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
    const { env, asked } = await servePlatform({ 'PUT /api/repositories/todo/secrets/KEY': { status: 204 } })

    expect((await runCommand(['repo', 'secret', 'set', 'todo', 'KEY'], { env, stdin: 'a b\n' })).code).toBe(0)
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ value: 'a b' })
  })

  test('without a value is refused before anybody is asked', async () => {
    const { env, asked } = await servePlatform({})

    expect((await runCommand(['repo', 'secret', 'set', 'todo', 'KEY'], { env })).code).toBe(2)
    expect(asked).toEqual([])
  })
})
