import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

/**
 * Compiles every function of a script now, and prints V8's form of it. The seed makes that the same bytes each time;
 * of all flags it is one that V8 does not compare when the form is read.
 */
const compile = `
const { setFlagsFromString } = require('node:v8')
setFlagsFromString('--no-lazy')
const script = new (require('node:vm').Script)(require('node:fs').readFileSync(process.argv[1], 'utf8'))
setFlagsFromString('--lazy')
process.stdout.write(script.createCachedData())
`

/**
 * Turns a CommonJS file into one that brings its compiled form along: a process that starts with it neither parses nor
 * compiles, which is most of what its start takes. Another version of V8 passes the form over and compiles as always.
 */
export async function compileEngine(file: string): Promise<void> {
  const source = `(function (module, exports, require) {${await readFile(file, 'utf8')}\n})`
  const plain = `${file}.plain`
  await writeFile(plain, source)
  const options = { env: {}, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 } as const
  const { stdout } = await promisify(execFile)(process.execPath, ['--random-seed=1', '-e', compile, plain], options)
  await rm(plain)
  await writeFile(file, loaderOf(source, stdout))
}

const loaderOf = (source: string, compiled: Buffer): string => `const { Script } = require('node:vm')
const compiled = require('node:zlib').gunzipSync(Buffer.from('${gzipSync(compiled).toString('base64')}', 'base64'))
const engine = new Script(${JSON.stringify(source)}, { filename: '/baton/engine.js', cachedData: compiled })
engine.runInThisContext()(module, module.exports, require)
`
