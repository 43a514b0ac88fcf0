import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from '@baton/model'
import { errors } from '../../errors.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

/** Writes a first pipeline.ts for the project here: what its package.json names, or a step to begin with. */
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

function firstPipeline(name: string, steps: readonly string[]): string {
  return `import { checkout, pipeline, sh, step } from '@baton/pipeline'

export default pipeline('${name}', { timeout: '15m' }, [
  checkout(),
${steps.map((line) => `  ${line},\n`).join('')}])
`
}

interface PackageFile {
  readonly scripts?: Readonly<Record<string, string>>
}

/** Scripts that a project usually wants to see green, in this order. */
const scriptsKnown = ['build', 'lint', 'test'] as const

function stepsOf(dir: string): string[] {
  const found = findPackage(dir)
  if (found === undefined) return [`step('hello', sh\`echo "hello from $BATON_COMMIT"\`)`]
  const install = existsSync(join(dir, 'package-lock.json')) ? [`step('install', sh\`npm ci\`)`] : []
  const scripts = scriptsKnown.filter((script) => found.scripts?.[script] !== undefined)
  const steps = [...install, ...scripts.map((script) => `step('${script}', sh\`npm run ${script}\`)`)]
  return steps.length > 0 ? steps : [`step('hello', sh\`node --version\`)`]
}

function findPackage(dir: string): PackageFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as PackageFile
  } catch {
    return undefined
  }
}
