import { sentenceOf } from '@baton/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../platform/ask.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform?.stop())

const says = (word: string) => pipelineCode([`step('says', sh\`echo ${word}\`)`])

test('a pipeline that throws while it is loaded is red, and says where in its own code and what to do', async () => {
  const throws = `${says('never')}throw new Error('no config')\n`
  const repository = await platform.repository('throws', { 'pipeline.ts': throws })

  const build = await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'failure')

  const why = sentenceOf((build.reason ?? expect.fail('no reason')) as never)
  expect(why).toMatch(
    /^The pipeline is broken: pipeline\.ts:\d+:7: Error was thrown .*: no config \(PIPELINE_LOAD_FAILED\)/,
  )
  expect(why).toContain('\nhint: ')
  expect(why).not.toContain('    at ')
})

test('a pipeline that the default branch has no longer leaves overview, feed and status; its builds stay', async () => {
  const code = { 'pipeline.ts': says('all'), 'pipelines/docs.ts': says('docs') }
  const repository = await platform.repository('leaves', code)
  const docs = await platform.buildOf(repository, repository.firstCommit, 'leaves/docs')
  await platform.becomes(docs, 'success')
  const feed = async () => (await ask(`${platform.file.stateUrl}/cctray.xml`)).text
  expect(await feed()).toContain('name="leaves/docs"')

  const commit = await repository.push({ 'pipelines/docs.ts': null })

  await platform.becomes(await platform.buildOf(repository, commit), 'success')
  const shown = (await platform.state.listPipelines()).map(({ pipeline }) => pipeline)
  expect(shown).toContain('leaves')
  expect(shown).not.toContain('leaves/docs')
  expect(shown).not.toContain('~leaves/docs')
  expect(await feed()).not.toContain('leaves/docs')
  expect((await platform.baton(['status'])).out).not.toContain('leaves/docs')
  expect(await platform.baton(['build', 'leaves/docs#1'])).toMatchObject({ code: 0 })
})
