// Turns a TypeScript entry of this checkout into one .mjs under node_modules/.cache/baton, and only when it is stale.
// Plain JavaScript, because it is what makes TypeScript run.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The root of the checkout. */
export const checkout = resolve(import.meta.dirname, '../..')
const cache = join(checkout, 'node_modules/.cache/baton')
const builtFrom = ['package-lock.json', 'deploy/bin/bundle.mjs']

/**
 * The bundle of `entry`, made if one of the files it was made from changed since (by time and size).
 * @param {string} entry absolute path of a .ts file
 * @param {{ packages: 'bundle' | 'external' }} options whether npm packages go into the file or are left in node_modules
 * @returns {Promise<string>} absolute path of a file to import
 */
export async function bundleOf(entry, { packages }) {
  const recordFile = join(cache, `${digestOf(`${entry} ${packages}`).slice(0, 16)}.json`)
  const record = findRecord(recordFile)
  if (record && isFresh(record)) return join(cache, record.file)
  return await makeBundle(entry, packages, recordFile, record)
}

async function makeBundle(entry, packages, recordFile, before) {
  const esbuild = await import('esbuild')
  // The inputs are stamped before they are read: a change while bundling makes the bundle stale, never wrongly fresh.
  const startedMs = Date.now()
  const built = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    absWorkingDir: checkout,
    banner: { js: requireBanner },
    external: ['esbuild', 'typescript', 'libsql'],
    plugins: [ownPlace, ...(packages === 'external' ? [leavePackages] : [])],
  })
  await esbuild.stop()
  const code = built.outputFiles[0].contents
  const file = `${digestOf(code).slice(0, 24)}.mjs`
  const sources = Object.keys(built.metafile.inputs).filter((path) => !path.includes('node_modules/'))
  mkdirSync(cache, { recursive: true })
  writeWhole(join(cache, file), code)
  writeWhole(recordFile, JSON.stringify({ file, inputs: stampsOf([...sources, ...builtFrom], startedMs) }))
  if (before && before.file !== file) rmSync(join(cache, before.file), { force: true })
  return join(cache, file)
}

const requireBanner =
  "import { createRequire as batonCreateRequire } from 'node:module'; const require = batonCreateRequire(import.meta.url);"

/** In a bundle `import.meta.dirname` and `.filename` would be the bundle's own; our sources mean where they lie. */
const ownPlace = {
  name: 'own-place',
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      if (path.includes('/node_modules/')) return undefined
      const source = readFileSync(path, 'utf8')
      const contents = source
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path))
      return { contents, loader: 'ts' }
    })
  },
}

/** Packages of others stay in node_modules; ours are TypeScript and have to come along. */
const leavePackages = {
  name: 'leave-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@baton/') ? undefined : { path, external: true },
    )
  },
}

function stampsOf(paths, startedMs) {
  const stamps = {}
  for (const path of paths) {
    const stamp = stampOf(path)
    stamps[path] = stamp.startsWith('0:') || Number(stamp.split(':')[0]) > startedMs ? 'changed' : stamp
  }
  return stamps
}

function stampOf(path) {
  const found = statSync(resolve(checkout, path), { throwIfNoEntry: false })
  return found ? `${found.mtimeMs}:${found.size}` : '0:0'
}

function isFresh(record) {
  if (!statSync(join(cache, record.file), { throwIfNoEntry: false })) return false
  return Object.entries(record.inputs).every(([path, stamp]) => stampOf(path) === stamp)
}

function findRecord(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // absent or torn: the bundle is made again
  }
}

function writeWhole(file, content) {
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, content)
  renameSync(draft, file)
}

const digestOf = (content) => createHash('sha256').update(content).digest('hex')
