import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { readSlug } from '@baton/model'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

/** What a new service is made of: a file of the template, and where it goes. */
const files: Readonly<Record<string, string>> = {
  'package.json': 'services/{{NAME}}/package.json',
  'README.md': 'services/{{NAME}}/README.md',
  'src/main.ts': 'services/{{NAME}}/src/main.ts',
  'src/app.ts': 'services/{{NAME}}/src/app.ts',
  'src/app.test.ts': 'services/{{NAME}}/src/app.test.ts',
  'src/config.ts': 'services/{{NAME}}/src/config.ts',
  'src/errors.ts': 'services/{{NAME}}/src/errors.ts',
  'marathon.json': 'marathon/{{NAME}}.json',
}

const template = join(checkout, 'deploy/template/service')

/**
 * Writes a service on the kit into the project here, as a workspace `services/<name>` with its definition. Nothing that is
 * there is written over. @throws SLUG_INVALID, SERVICE_KIT_MISSING, FILE_EXISTS
 */
export async function newService(call: Call, wanted: string): Promise<number> {
  const name = readSlug(wanted)
  const { root, kitVersion } = findProject(call.cwd)
  // {{OPEN}} is what stays a placeholder: two braces.
  const values: Readonly<Record<string, string>> = { NAME: name, KIT_VERSION: kitVersion, OPEN: '{{' }
  const fill = (text: string) => text.replace(/\{\{(NAME|KIT_VERSION|OPEN)\}\}/g, (_, key: string) => values[key] ?? '')
  const written = Object.entries(files).map(([from, to]) => ({
    path: join(root, fill(to)),
    text: fill(readFileSync(join(template, `${from}.txt`), 'utf8')),
  }))
  const taken = written.find(({ path }) => existsSync(path))
  if (taken !== undefined) throw errors.FILE_EXISTS({ file: relative(call.cwd, taken.path) })
  for (const { path, text } of written) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  }
  call.terminal.json({ name, files: written.map(({ path }) => path) })
  for (const { path } of written) call.terminal.say(relative(call.cwd, path))
  call.terminal.say(
    `Next: npm install, then npx vitest run --project unit services/${name}; its README tells the rest.`,
  )
  return exitCodes.ok
}

/** The project that `dir` lies in: the nearest one that has workspaces and the service kit. @throws SERVICE_KIT_MISSING */
function findProject(dir: string, from = dir): { root: string; kitVersion: string } {
  const workspaces = findJson(join(dir, 'package.json'))?.['workspaces']
  const kit = findJson(join(dir, 'node_modules/@baton/service-kit/package.json'))
  if (workspaces !== undefined && kit !== undefined) return { root: dir, kitVersion: String(kit['version']) }
  if (dirname(dir) === dir) throw errors.SERVICE_KIT_MISSING({ dir: from })
  return findProject(dirname(dir), from)
}

function findJson(file: string): Record<string, unknown> | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : undefined
}
