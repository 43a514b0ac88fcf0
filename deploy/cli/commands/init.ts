import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from '@baton/model'
import { errors } from '../../errors.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

/** Writes a first pipeline.ts for the project here: what such a project usually wants to see green, or a step to begin with. */
export async function initPipeline(call: Call): Promise<number> {
  const file = join(call.cwd, 'pipeline.ts')
  if (existsSync(file)) throw errors.FILE_EXISTS({ file })
  const text = firstPipeline(slugOf(call.cwd), stepsOf(call.cwd))
  // Whoever made one meanwhile keeps it.
  writeFileSync(file, text, { flag: 'wx' })
  call.terminal.json({ file })
  call.terminal.say(`${file} is written. "baton run" tries it here; commit it, then "baton repo add <git url>".`)
  return exitCodes.ok
}

function firstPipeline(name: string, steps: Steps): string {
  return `import { checkout, pipeline, sh, step } from '@baton/pipeline'

export default pipeline('${name}', { timeout: '15m' }, [
  checkout(),
${steps.map(([step, command]) => `  step('${step}', sh\`${command}\`),\n`).join('')}])
`
}

type Steps = readonly (readonly [name: string, command: string])[]

/** A kind of project: what it is known by, and what its people usually want to see green. The first that fits counts. */
interface Kind {
  readonly files: readonly string[]
  readonly steps: (dir: string) => Steps
}

/** The project's own copy of a tool, or the machine's. */
const ownOr = (dir: string, own: string, tool: string): string => (existsSync(join(dir, own)) ? `./${own}` : tool)

const makefiles = ['Makefile', 'makefile', 'GNUmakefile']

const kinds: readonly Kind[] = [
  { files: ['package.json'], steps: stepsOfPackage },
  { files: ['pom.xml'], steps: (dir) => [['verify', `${ownOr(dir, 'mvnw', 'mvn')} --batch-mode verify`]] },
  {
    files: ['build.gradle', 'build.gradle.kts'],
    steps: (dir) => [['build', `${ownOr(dir, 'gradlew', 'gradle')} --no-daemon build`]],
  },
  {
    files: ['go.mod'],
    steps: () => [
      ['vet', 'go vet ./...'],
      ['test', 'go test ./...'],
    ],
  },
  { files: ['Cargo.toml'], steps: () => [['test', 'cargo test']] },
  { files: ['pyproject.toml'], steps: () => pythonSteps('.') },
  { files: ['requirements.txt'], steps: () => pythonSteps('-r requirements.txt') },
  {
    files: makefiles,
    steps: (dir) => [['make', 'make'], ...(hasTarget(dir, 'test') ? ([['test', 'make test']] as const) : [])],
  },
]

function stepsOf(dir: string): Steps {
  const kind = kinds.find(({ files }) => files.some((file) => existsSync(join(dir, file))))
  const steps = kind?.steps(dir) ?? []
  return steps.length > 0 ? steps : [['hello', 'echo "hello from $BATON_COMMIT"']]
}

/** In an environment of its own: many machines refuse to install into Python itself. */
const pythonSteps = (what: string): Steps => [
  ['install', `python3 -m venv .venv && .venv/bin/pip install --quiet pytest ${what}`],
  ['test', '.venv/bin/python -m pytest'],
]

/** Scripts that a project usually wants to see green, in this order. */
const scriptsKnown = ['build', 'lint', 'test'] as const

function stepsOfPackage(dir: string): Steps {
  const scripts = scriptsOf(dir)
  const known = scriptsKnown.filter((script) => scripts[script] !== undefined)
  const install = existsSync(join(dir, 'package-lock.json')) ? ([['install', 'npm ci']] as const) : []
  return [...install, ...known.map((script) => [script, `npm run ${script}`] as const)]
}

function scriptsOf(dir: string): Readonly<Record<string, string>> {
  try {
    const { scripts } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>
    }
    return scripts ?? {}
  } catch {
    return {}
  }
}

const hasTarget = (dir: string, target: string): boolean =>
  makefiles.some((file) => {
    const path = join(dir, file)
    return existsSync(path) && new RegExp(`^${target}\\s*:`, 'm').test(readFileSync(path, 'utf8'))
  })
