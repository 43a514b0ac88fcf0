import { posix } from 'node:path'
import { isTest } from './checkout.ts'
import { type Exception, except, type Rule } from './rule.ts'

const lines = { product: 200, test: 300, most: 120 }
const mostShare = 0.9

/** Files that were longer when the limit came. Each may shrink, and no file joins them. */
const longer: readonly (Exception & { readonly lines: number })[] = [
  { path: 'libs/local-marathon/src/tasks/runner.ts', lines: 206, because: 'one task from its intent to its end' },
  { path: 'libs/git/src/mirror.ts', lines: 205, because: 'a mirror with everything that can damage it' },
  { path: 'services/pipeline-state-controller/src/sqlite/rows.ts', lines: 239, because: 'one row of each table' },
]

/** A file that fits on a few screens does one thing. */
export const filesAreSmall: Rule = (checkout) => {
  const sizes = [...checkout.sources.keys()].map((path) => ({ path, count: linesOf(checkout.texts.get(path) ?? '') }))
  const tooLong = sizes.filter(({ path, count }) => count > (isTest(path) ? lines.test : lines.product))
  const grown = longer.filter(({ path, lines }) => sizes.some((one) => one.path === path && one.count > lines))
  return [
    ...except(
      tooLong.map(({ path, count }) => ({ path, says: `has ${count} lines, cut it where it does a second thing` })),
      longer,
    ),
    ...grown.map(({ path, lines }) => `${path}: has grown beyond its ${lines} lines`),
  ]
}

/** Long files are the exception: nine of ten stay far below the limit. */
export const mostFilesAreSmaller: Rule = (checkout) => {
  const product = [...checkout.sources.keys()].filter((path) => !isTest(path))
  const small = product.filter((path) => linesOf(checkout.texts.get(path) ?? '') <= lines.most)
  const share = product.length === 0 ? 1 : small.length / product.length
  if (share >= mostShare) return []
  return [`${Math.floor(share * 100)} of 100 files have at most ${lines.most} lines, and ${mostShare * 100} should`]
}

const emptyWords = /^(.*-)?(utils?|helpers?|common|managers?|misc)$/i

/** A name that says nothing is a place for everything. */
export const namesSaySomething: Rule = (checkout) => {
  const names = new Set([...checkout.texts.keys()].flatMap(waysTo))
  return [...names]
    .filter((path) => emptyWords.test(posix.basename(path).split('.')[0] ?? ''))
    .map((path) => `${path}: says nothing; put it beside its one user, or give it a subject`)
}

function waysTo(path: string): string[] {
  return path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'))
}

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
