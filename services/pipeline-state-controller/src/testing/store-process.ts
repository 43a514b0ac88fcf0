import { openSqlite } from '../sqlite/open-store.ts'
import { createLife } from './life.ts'
import { sqliteOptions } from './open-memory.ts'
import { secondMs } from './samples.ts'
import { Scene } from './stage.ts'

/**
 * For tests: a process that works with a SQLite file until it is killed. `life` sends one command after the other and
 * says the number of each that was acknowledged; `print` appends output for ever and says how much; `hold` waits.
 */
const [what, dataDir = ''] = process.argv.slice(2)
const scene = new Scene(openSqlite(sqliteOptions(dataDir)))
const say = (one: number): void => console.log(one)

if (what === 'life') {
  for (const [at, [, send]] of createLife().entries()) {
    scene.pass(secondMs)
    await send(scene)
    say(at)
  }
} else if (what === 'print') {
  const { name } = await scene.running()
  for (let line = 0, offset = 0; ; line += 1) {
    const bytes = Buffer.from(`line ${line}\n`)
    offset = await scene.ports.outputs.append(name, '1', offset, bytes, 'process', scene.now)
    say(offset)
    // Lets the pipe be written and signals in.
    await new Promise((resolve) => setImmediate(resolve))
  }
} else {
  say(0)
  setInterval(() => {}, 60_000)
}
