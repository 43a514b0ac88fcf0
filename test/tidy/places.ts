import { posix } from 'node:path'
import type { Checkout } from './checkout.ts'
import type { Rule } from './rule.ts'

/** Services without a definition: pipelines are placed one for each build, by whoever took the build. */
const placedOtherwise = ['services/pipeline', 'services/build-monitor']

/** Same name, always: a service has one definition, and a definition one service. */
export const servicesHaveDefinitions: Rule = (checkout) => {
  const services = dirsIn(checkout, 'services').filter((dir) => !placedOtherwise.includes(dir))
  const missing = services.filter((dir) => !checkout.texts.has(definitionOf(dir)))
  const definitions = [...checkout.texts].filter(([path]) => /^marathon\/[^/]+\.json$/.test(path))
  return [
    ...missing.map((dir) => `${dir}: has no ${definitionOf(dir)}`),
    ...definitions.flatMap(([path, text]) => {
      const name = posix.basename(path, '.json')
      const isOurs = services.includes(`services/${name}`)
      const { id } = JSON.parse(text) as { id?: unknown }
      return [
        ...(isOurs ? [] : [`${path}: defines no service of ours`]),
        ...(id === `/baton/${name}` ? [] : [`${path}: its id is ${id} and should be /baton/${name}`]),
      ]
    }),
  ]
}

const definitionOf = (dir: string) => `marathon/${posix.basename(dir)}.json`

/** What every part has: a page about it, and the file where reading starts. */
export const partsAreComplete: Rule = (checkout) => {
  const wanted = [
    ...dirsIn(checkout, 'services').map((dir) => [dir, ['README.md', 'package.json', 'src/main.ts']] as const),
    ...dirsIn(checkout, 'libs').map((dir) => [dir, ['README.md', 'package.json', 'src/index.ts']] as const),
    ['deploy', ['README.md', 'package.json']] as const,
    ['marathon', ['README.md']] as const,
  ]
  return wanted.flatMap(([dir, files]) => {
    const isThere = [...checkout.texts.keys()].some((path) => path.startsWith(`${dir}/`))
    return isThere
      ? files.filter((file) => !checkout.texts.has(`${dir}/${file}`)).map((file) => `${dir}: has no ${file}`)
      : []
  })
}

const link = /\]\((?!\w+:|#)([^)#\s]+)/g

/** A page that points at a file that is gone sends its reader nowhere. */
export const linksLeadSomewhere: Rule = (checkout) => {
  const paths = [...checkout.texts.keys()]
  const exists = (path: string) =>
    paths.some((one) => one === path || one.startsWith(`${path}/`)) || plainFiles.includes(path)
  return [...checkout.texts]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) =>
      [...text.matchAll(link)]
        .map(([, to = '']) => ({ to, file: posix.join(posix.dirname(path), to).replace(/\/$/, '') }))
        .filter(({ file }) => file !== '.' && !exists(file))
        .map(({ to }) => `${path}: points at ${to}, which is not there`),
    )
}

const plainFiles = ['LICENSE', '.ci/run', '.nvmrc']

function dirsIn(checkout: Checkout, folder: string): string[] {
  const dirs = [...checkout.texts.keys()].map((path) => /^(\w+)\/[^/]+(?=\/)/.exec(path)?.[0] ?? '')
  return [...new Set(dirs)].filter((dir) => dir.startsWith(`${folder}/`))
}
