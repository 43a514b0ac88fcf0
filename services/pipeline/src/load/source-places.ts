import { readFileSync, realpathSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'

/** A frame of a stack in a file: with the line and the column, as V8 writes it. */
const inFile = /(file:\/\/[^\s()]+|\/[^\s():]+):(\d+):(\d+)/g
const mapUrl = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/

/** What the map of a bundle calls all of the engine. Its places stay those in the bundle. */
export const engineSource = '@baton/pipeline'

/**
 * From here on stacks name the user's own files: the bundle ends with a map of its lines, which is read when the first
 * stack is. Node's own way (--enable-source-maps) would read it at each start, before the claim.
 */
export function nameSourcesInStacks(bundle: string): void {
  let map: SourceMap | undefined | null
  const findPlace = (line: number, column: number): string | undefined => {
    if (map === undefined) map = readMap(bundle)
    const found = map?.findEntry(line - 1, column - 1)
    if (found === undefined || !('originalSource' in found) || found.originalSource === engineSource) return undefined
    return `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`
  }
  Error.prepareStackTrace = (error, frames) => {
    const path = realPathOf(bundle)
    const lines = frames.map((frame) =>
      String(frame).replace(inFile, (whole, file: string, line: string, column: string) =>
        file.replace('file://', '') === path ? (findPlace(Number(line), Number(column)) ?? whole) : whole,
      ),
    )
    return [headOf(error), ...lines.map((line) => `    at ${line}`)].join('\n')
  }
}

/** Node runs a file under its real path. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function headOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}

function readMap(bundle: string): SourceMap | null {
  try {
    const [, encoded] = mapUrl.exec(readFileSync(bundle, 'utf8')) ?? []
    if (encoded === undefined) return null
    return new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMapPayload)
  } catch {
    return null // Without a map the stack stays as it is.
  }
}

const own = /^\s*at (?:.*\()?((?!\/|file:|node:)[^()\s]+:\d+:\d+)\)?$/gm

/** Where in the user's own files an error comes from: `pipeline/deploy.ts:3:9`. What packages do counts for who calls them. */
export function findPlaceOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const places = [...(error.stack ?? '').matchAll(own)].map(([, place]) => place ?? '')
  return places.find((place) => !place.includes('node_modules/')) ?? places[0]
}
