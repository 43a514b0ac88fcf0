import { digestOfBytes, digestOfFiles, listFiles } from './digest.ts'

/** Everything a release is made of. Packages are pinned by the lockfile, so their thousands of files are not read. */
const sources = ['libs', 'services', 'deploy/release', 'tsconfig.json', 'package-lock.json']

const isInput = (path: string): boolean =>
  !/(^|\/)node_modules\//.test(path) && !/\.test\.ts$|\.md$|\.contract\.ts$|(^|\/)fixtures\//.test(path)

/** SHA-256 of what a release of this checkout would be made of, on this platform, with this Node. */
export async function digestOfInputs(checkout: string): Promise<string> {
  const files = (await listFiles(checkout, sources)).filter(isInput)
  // V8, as the engine is compiled for it.
  const platform = `${process.platform}-${process.arch} ${process.versions.v8}`
  return digestOfBytes(`${platform} ${await digestOfFiles(checkout, files)}`)
}
