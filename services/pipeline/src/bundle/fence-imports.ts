import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { relative, sep } from 'node:path'
import type { Plugin } from 'esbuild'
import { errors } from '../errors.ts'
import { engineSource } from '../load/source-places.ts'

/** Folders and the file that pipeline code may consist of, seen from the repository. The version key covers just these. */
const allowed = /^(?:pipeline\.ts$|pipelines\/|pipeline\/)/

/**
 * Resolves imports as always, and refuses those that lead out of the pipeline code: what a pipeline is made of has to
 * be known from a few Git object ids. Judged by the real path, so neither a link nor a `paths` setting leads around it.
 */
export function fenceImports(options: { root: string; engineFile: string; entryFile: string }): Plugin {
  const nameOf = (path: string): string => relative(options.root, path).split(sep).join('/')
  const isOwn = (path: string): boolean => allowed.test(nameOf(path)) || path === options.entryFile
  return {
    name: 'fence-imports',
    setup(build) {
      // By a name of its own: where the engine lies must not show in the bundle, whose digest would depend on it.
      build.onResolve({ filter: /^@baton\/pipeline$/ }, () => ({ path: 'engine.js', namespace: engine }))
      build.onLoad({ filter: /.*/, namespace: engine }, () => ({
        contents: `${readFileSync(options.engineFile, 'utf8')}\n${engineMap}`,
      }))
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === resolving || args.namespace === engine || args.kind === 'entry-point') return undefined
        if (isBuiltin(args.path)) return { path: args.path, external: true }
        const { importer, kind, resolveDir } = args
        const found = await build.resolve(args.path, { importer, kind, resolveDir, pluginData: resolving })
        if (found.errors.length > 0 || found.external) return found
        if (isOwn(found.path) || /[/\\]node_modules[/\\]/.test(found.path)) return found
        const no = errors.IMPORT_OUTSIDE_PIPELINE({ file: nameOf(importer), import: args.path })
        return { errors: [{ text: no.message, detail: no }] }
      })
    },
  }
}

const engine = 'baton'
/** The engine's own lines do not go into the map of a bundle: they would be most of it, and nobody asks for them. */
const mapOfEngine = { version: 3, sources: [engineSource], mappings: 'AAAA' }
const engineMap = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(mapOfEngine)).toString('base64')}`
/** Marks our own question to esbuild, so that it is not asked again. */
const resolving = Symbol('resolving')
