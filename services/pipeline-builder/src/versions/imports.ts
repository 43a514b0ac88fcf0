import { isBuiltin } from 'node:module'

/** Where a specifier stands in an import, export, dynamic import or require. Strings and comments may match too. */
const specifiers = [
  /\bfrom\s*(['"])([^'"\n]+)\1/g,
  /\bimport\s*(['"])([^'"\n]+)\1/g,
  /\b(?:import|require)\s*\(\s*(['"`])([^'"`\n$]+)\1/g,
]
const packageLike = /^(#|@?[a-z0-9_~-][\w.~-]*(\/|$))/i
const suppliedByToolchain = '@baton/pipeline'

/**
 * Whether code imports from a package, so that packages have to be installed. Rather once too often than once too
 * rarely: what only looks like an import costs an installation, a missed one a wrong version.
 */
export function hasBareImports(source: string): boolean {
  for (const pattern of specifiers) {
    for (const match of source.matchAll(pattern)) {
      if (isBare(match[2] ?? '')) return true
    }
  }
  return false
}

function isBare(specifier: string): boolean {
  if (specifier === suppliedByToolchain || isBuiltin(specifier)) return false
  return packageLike.test(specifier)
}
