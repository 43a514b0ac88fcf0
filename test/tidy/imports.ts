import { posix } from 'node:path'
import { type Checkout, isTest, packageOf, targetOf, workspaceOf } from './checkout.ts'
import { type Exception, except, type Rule } from './rule.ts'

const bundling =
  'a pipeline is a process of services/pipeline, so whoever makes one takes its bundling; it is no call from service to service'
const mayImportServices: readonly Exception[] = [
  { path: 'services/pipeline-builder/src/meta/pipeline.ts', because: bundling },
  { path: 'deploy/cli/commands/prepare-pipeline.ts', because: bundling },
]

/** Where imports may lead besides the own package. Journeys reach services over HTTP alone, as users do. */
const inward: Readonly<Record<string, RegExp>> = {
  libs: /^libs\//,
  services: /^libs\//,
  deploy: /^libs\//,
  test: /^libs\/|^deploy$/,
}

/** Services and deploy import libs, libs import libs, nobody imports a service, and libs/model imports nothing of ours. */
export const importsPointInward: Rule = (checkout) => {
  const wrong = eachImport(checkout).filter(({ path, target }) => {
    if (target === undefined || target === workspaceOf(path)) return false
    if (path.startsWith('libs/model/')) return true
    return !(inward[path.split('/')[0] ?? ''] ?? /^$/).test(target)
  })
  return except(
    wrong.map(({ path, of, target }) => ({ path, says: `imports ${of}, which is ${target}` })),
    mayImportServices,
  )
}

/** What is there for tests is not part of the product. */
export const productImportsNoTests: Rule = (checkout) =>
  eachImport(checkout)
    .filter(({ path }) => !isTest(path))
    .filter(({ path, of }) => isTest(of.startsWith('.') ? posix.join(posix.dirname(path), of) : `${of}/`))
    .map(({ path, of }) => `${path}: imports ${of}, which is there for tests`)

/** Neither libs nor files import themselves in a circle. What only types need of each other is no circle. */
export const importsHaveNoCircles: Rule = (checkout) => {
  const files = new Map<string, Set<string>>()
  const libs = new Map<string, Set<string>>()
  for (const { path, of, isType, target } of eachImport(checkout)) {
    if (of.startsWith('.') && !isType) add(files, path, posix.join(posix.dirname(path), of))
    const dir = workspaceOf(path)
    if (dir.startsWith('libs/') && target && target !== dir && !isTest(path)) add(libs, dir, target)
  }
  return [...circles(libs), ...circles(files)]
}

/** An undeclared package works only as long as somebody else brings it; an unused one is installed for nobody. */
export const packagesAreDeclared: Rule = (checkout) => {
  const root = checkout.workspaces.find((one) => one.dir === '.')?.manifest
  return checkout.workspaces.flatMap(({ dir, manifest }) => {
    const own = Object.keys(manifest.dependencies ?? {})
    const forTests = [
      ...own,
      ...Object.keys({ ...manifest.devDependencies, ...root?.devDependencies, ...root?.dependencies }),
    ]
    const imports = eachImport(checkout).filter(({ path }) => workspaceOf(path) === dir)
    const used = imports.map(({ of }) => packageOf(of))
    const undeclared = imports.filter(({ path, of, isType }) => {
      const wanted = packageOf(of)
      if (wanted === undefined || wanted === manifest.name || dir === '.') return false
      const declared = isTest(path) ? forTests : isType ? [...own, ...Object.keys(manifest.devDependencies ?? {})] : own
      return !declared.includes(wanted)
    })
    const unused = dir === '.' ? [] : own.filter((name) => !used.includes(name))
    return [
      ...undeclared.map(({ path, of }) => `${path}: imports ${of}, which ${dir}/package.json does not declare`),
      ...except(
        unused.map((name) => ({ path: `${dir}/package.json#${name}`, says: 'declared and never imported' })),
        usedOtherwise.filter((one) => one.path.startsWith(`${dir}/package.json#`)),
      ),
    ]
  })
}

const usedOtherwise: readonly Exception[] = [
  { path: 'deploy/package.json#@baton/local-marathon', because: 'bundled by its path, as every process of a release' },
  { path: 'services/pipeline-builder/package.json#typescript', because: 'a command in the sandbox of a meta-build' },
]

function eachImport(checkout: Checkout) {
  return [...checkout.sources].flatMap(([path, { imports }]) =>
    imports.map((one) => ({ path, ...one, target: targetOf(checkout, path, one.of) })),
  )
}

function add(graph: Map<string, Set<string>>, from: string, to: string): void {
  graph.set(from, (graph.get(from) ?? new Set()).add(to))
}

/** Each circle once, as the way around it. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (node: string, way: readonly string[]): void => {
    const at = way.indexOf(node)
    if (at >= 0) found.push(`a circle of imports: ${[...way.slice(at), node].join(' -> ')}`)
    if (at >= 0 || done.has(node)) return
    for (const next of graph.get(node) ?? []) walk(next, [...way, node])
    done.add(node)
  }
  for (const node of graph.keys()) walk(node, [])
  return found
}
