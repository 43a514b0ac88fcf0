import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../../deploy/checkout.ts'

/** What stands in a name of the form `${...}`, read from the sources that fill it in. */
const fillers: Readonly<Record<string, () => string[]>> = {
  command: () => {
    const store = read('services/pipeline-state-controller/src/sqlite/store.ts')
    const union = /export type Command =((?:\s*\|\s*'[a-z-]+')+)/.exec(store)?.[1] ?? ''
    return allOf(/'([a-z-]+)'/g, union)
  },
  name: () => {
    const kinds = /export const workKinds = \[([^\]]+)\]/.exec(read('libs/state-client/src/wire/work.ts'))?.[1] ?? ''
    return [...new Set(allOf(/'([a-z]+)(?:-[a-z]+)?'/g, kinds))]
  },
}

/** Every crash point of the code, sorted, by name. @throws when a call names its point in a way that is not understood */
export function listCrashPoints(): string[] {
  const points = listSources().flatMap((file) => pointsOf(file, read(file)))
  return [...new Set(points)].sort()
}

function pointsOf(file: string, source: string): string[] {
  const calls = allOf(/(?<!function )\bcrashPoint\(([^)]*)\)/g, source)
  return calls.flatMap((argument) => {
    const plain = /^'([a-z.-]+)'$/.exec(argument)?.[1]
    if (plain !== undefined) return plain
    const [, variable = '', rest = ''] = /^`\$\{(\w+)\}([a-z.-]+)`$/.exec(argument) ?? []
    const names = fillers[variable]?.() ?? []
    if (names.length === 0) throw new Error(`${file}: crashPoint(${argument}) is not understood`)
    return names.map((name) => `${name}${rest}`)
  })
}

const read = (file: string): string => readFileSync(join(checkout, file), 'utf8')
const allOf = (pattern: RegExp, text: string): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found)

/** The sources of all processes, without their tests. */
function listSources(): string[] {
  return ['libs', 'services', 'deploy']
    .flatMap((dir) => readdirSync(join(checkout, dir), { recursive: true, withFileTypes: true }))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/node_modules/'))
    .map((path) => path.slice(checkout.length + 1))
}
