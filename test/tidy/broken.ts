/** A made-up checkout that breaks a rule, and a part of the complaint. */
export type Broken = readonly [rule: string, complaint: string, files: Readonly<Record<string, string>>]

const lib = (name: string, dependencies: Record<string, string> = {}, more: object = {}) =>
  JSON.stringify({ name: `@baton/${name}`, dependencies, ...more })
const longLines = (count: number) => 'export {}\n'.repeat(count)
const two = {
  'services/a/package.json': lib('a'),
  'services/b/package.json': lib('b'),
  'libs/model/package.json': lib('model'),
  'libs/git/package.json': lib('git'),
}
const definition = { 'services/a/package.json': lib('a'), 'marathon/a.json': '{"id": "/baton/a"}' }

/** At least one for each rule: a rule that never complains would keep everything. */
export const broken: readonly Broken[] = [
  [
    'importsPointInward',
    'imports @baton/b, which is services/b',
    { ...two, 'services/a/src/a.ts': "import '@baton/b'" },
  ],
  [
    'importsPointInward',
    'imports ../../b/src/b.ts',
    { ...two, 'services/a/src/a.ts': "export * from '../../b/src/b.ts'" },
  ],
  ['importsPointInward', 'which is services/b', { ...two, 'services/a/src/a.ts': "type B = import('@baton/b').B" }],
  ['importsPointInward', 'which is services/a', { ...two, 'libs/git/src/a.ts': "await import('@baton/a')" }],
  [
    'importsPointInward',
    'which is libs/git',
    { ...two, 'libs/model/src/a.ts': "import type { Url } from '@baton/git'" },
  ],
  ['importsPointInward', 'which is services/a', { ...two, 'test/journeys/a.test.ts': "import '@baton/a'" }],
  ['importsPointInward', 'needs no exception any more', { ...two, 'services/a/src/a.ts': "import '@baton/git'" }],
  ['productImportsNoTests', 'there for tests', { 'libs/git/src/a.ts': "import { a } from './testing/a.ts'" }],
  ['productImportsNoTests', 'there for tests', { 'services/a/src/a.ts': "import { a } from '@baton/git/testing'" }],
  [
    'importsHaveNoCircles',
    'libs/git -> libs/model -> libs/git',
    { ...two, 'libs/git/src/a.ts': "import '@baton/model'", 'libs/model/src/a.ts': "import '@baton/git'" },
  ],
  [
    'importsHaveNoCircles',
    'libs/a/a.ts -> libs/a/b.ts -> libs/a/a.ts',
    { 'libs/a/a.ts': "import { b } from './b.ts'", 'libs/a/b.ts': "export { a } from './a.ts'" },
  ],
  ['packagesAreDeclared', 'imports tar/x', { 'libs/a/package.json': lib('a'), 'libs/a/src/a.ts': "import 'tar/x'" }],
  [
    'packagesAreDeclared',
    'imports tar',
    { 'libs/a/package.json': lib('a', {}, { devDependencies: { tar: '1' } }), 'libs/a/src/a.ts': "require('tar')" },
  ],
  ['packagesAreDeclared', '#tar: declared and never imported', { 'libs/a/package.json': lib('a', { tar: '1' }) }],
  ['filesAreSmall', 'has 201 lines', { 'libs/a/src/a.ts': longLines(201) }],
  ['filesAreSmall', 'has 301 lines', { 'libs/a/src/a.test.ts': longLines(301) }],
  ['filesAreSmall', 'has grown beyond', { 'libs/git/src/mirror.ts': longLines(206) }],
  ['filesAreSmall', 'needs no exception any more', { 'libs/git/src/mirror.ts': longLines(200) }],
  ['mostFilesAreSmaller', '50 of 100', { 'libs/a/src/a.ts': longLines(121), 'libs/a/src/b.ts': longLines(120) }],
  ['namesSaySomething', 'libs/a/src/utils: ', { 'libs/a/src/utils/a.ts': '' }],
  ['namesSaySomething', 'test-helpers.ts: ', { 'libs/a/src/test-helpers.ts': '' }],
  ['namesSaySomething', 'services/build-manager: ', { 'services/build-manager/README.md': '' }],
  ['settingsAreReadOnce', 'reads process.env', { 'services/a/src/a.ts': "const a = process.env['A']" }],
  ['settingsAreReadOnce', 'needs no exception', { 'libs/git/src/environment.ts': '// process.env is left alone' }],
  ['logsAreEvents', 'prints with console', { 'libs/a/src/a.ts': 'console.log(1)' }],
  ['noPathsOfOneMachine', 'names /tmp/x', { 'libs/a/src/a.ts': "const a = '/tmp/x'" }],
  ['noPathsOfOneMachine', 'names /home/me', { 'README.md': 'It lies in /home/me of course.' }],
  ['everyTestRuns', 'test.only', { 'libs/a/src/a.test.ts': "test.only('a', () => {})" }],
  ['everyTestRuns', 'describe.skip', { 'libs/a/src/a.test.ts': "describe.skip.each([1])('a', () => {})" }],
  ['servicesHaveDefinitions', 'has no marathon/a.json', { 'services/a/package.json': lib('a') }],
  ['servicesHaveDefinitions', 'no service of ours', { ...definition, 'marathon/b.json': '{"id": "/baton/b"}' }],
  ['servicesHaveDefinitions', 'should be /baton/a', { ...definition, 'marathon/a.json': '{"id": "/a"}' }],
  ['partsAreComplete', 'libs/a: has no README.md', { 'libs/a/package.json': lib('a'), 'libs/a/src/index.ts': '' }],
  ['partsAreComplete', 'services/a: has no src/main.ts', { 'services/a/package.json': lib('a') }],
  ['linksLeadSomewhere', 'points at a.md', { 'libs/a/README.md': 'See [a](a.md).', 'a.md': '' }],
]

/** Looks like one of the above and is right: the other half of each rule. */
export const kept: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'On your machine it is /home/you/todo.',
  'package.json': JSON.stringify({ name: 'platform', devDependencies: { vitest: '1' } }),
  'README.md': 'See [a](libs/a/README.md), [the folder](libs/a/), [there](https://a.example/b) and [below](#below).',
  'libs/a/package.json': lib('a', { '@baton/model': '1' }, { devDependencies: { esbuild: '1' } }),
  'libs/a/README.md': 'Back to [the top](../../README.md); `GET /api/work/1` is a route.',
  'libs/a/src/index.ts': [
    "import { b } from './b.ts'",
    "import { model } from '@baton/model'",
    "import type { BuildOptions } from 'esbuild'",
    "import { join } from 'node:path'",
    '// process.env and console.log are only talked about',
    'const text = "import \'tar\'; console.log(process.env.A)"',
  ].join('\n'),
  'libs/a/src/b.ts': "import type { A } from './index.ts'",
  'libs/a/src/b.test.ts':
    "import { test } from 'vitest'\ntest.skipIf(process.env['A'])('b', () => console.log('/tmp/b'))",
  'libs/model/package.json': lib('model'),
  'libs/model/README.md': '',
  'libs/model/src/index.ts': longLines(120),
  'services/b/package.json': lib('b', { '@baton/a': '1' }),
  'services/b/README.md': '',
  'services/b/src/main.ts': "import { a } from '@baton/a'\nconsole.error(process.env)",
  'marathon/README.md': '',
  'marathon/b.json': '{"id": "/baton/b"}',
}
