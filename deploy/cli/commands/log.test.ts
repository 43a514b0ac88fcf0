import { describe, expect, test } from 'vitest'
import { runCommand } from '../../testing/run-command.ts'
import { sampleDetail, servePlatform } from '../../testing/sample-platform.ts'
import { type Answer, serveJson } from '../../testing/serve-json.ts'

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
    const { env } = await servePlatform({
      'GET /api/builds/todo/12': { json: sampleDetail('failure') },
      'GET /api/builds/todo/12/output/1.1': output('öps\n', 5, true),
    })

    expect(await runCommand(['log', 'todo#12', 'test'], { env })).toEqual({ code: 0, out: 'öps\n', err: '' })
  })

  test('says which steps there are when there is no such one', async () => {
    const { env } = await servePlatform({ 'GET /api/builds/todo/12': { json: sampleDetail('failure') } })

    const ended = await runCommand(['log', 'todo#12', 'tset'], { env })

    expect(ended).toMatchObject({ code: 3, err: expect.stringContaining('1.1 test') })
  })

  test('of a group says that it is one, and which steps have output', async () => {
    const { env } = await servePlatform({ 'GET /api/builds/todo/12': { json: sampleDetail('failure') } })

    const ended = await runCommand(['log', 'todo#12', 'verify'], { env })

    expect(ended).toMatchObject({ code: 3, out: '' })
    expect(ended.err).toContain('1 verify of todo#12 is a group of steps')
    expect(ended.err).toContain('hint: steps with output: 1.1 test\n')
  })

  test('of a step that printed nothing says so, apart from the output', async () => {
    const { env } = await servePlatform({
      'GET /api/builds/todo/12': { json: sampleDetail('failure') },
      'GET /api/builds/todo/12/output/1.1': output('', 0, true),
    })

    const ended = await runCommand(['log', 'todo#12', 'test'], { env })

    expect(ended).toEqual({ code: 0, out: '', err: '1.1 test has printed nothing (failure)\n' })
  })

  test('of a build whose pipeline was not assembled names the build that was to do it', async () => {
    const versionKey = 'a'.repeat(64)
    const { env } = await servePlatform({
      'GET /api/builds/todo/12': { json: { ...sampleDetail('failure'), steps: [], versionKey } },
      [`GET /api/versions/${versionKey}`]: { json: { metaBuild: 3 } },
    })

    const ended = await runCommand(['log', 'todo#12'], { env })

    expect(ended).toMatchObject({ code: 0, out: '' })
    expect(ended.err).toContain("how its pipeline was assembled: baton log '~todo#3'")
  })

  test('with --follow goes on until the step is over', async () => {
    let asks = 0
    const { url } = await serveJson(({ path }) => {
      if (!path.includes('/output/')) return { json: sampleDetail('running') }
      asks += 1
      const offset = Number(new URL(path, 'http://x').searchParams.get('offset'))
      const text = ['one\n', '', 'two\n', ''][asks - 1] ?? ''
      return output(text, offset + text.length, asks >= 4)
    })

    const ended = await runCommand(['log', 'todo#12', '1.1', '--follow'], { env: { BATON_URL: url, BATON_TOKEN: 'x' } })

    expect(ended).toEqual({ code: 0, out: 'one\ntwo\n', err: '' })
  })
})
