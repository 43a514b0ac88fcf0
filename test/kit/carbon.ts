import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { plainEnvironment } from '../platform/run.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { findFreePorts } from './free-ports.ts'

const startMaxMs = 60_000

/** Debian's own carbon-cache, with files and ports of its own. */
export interface Carbon {
  readonly port: number
  start(): Promise<void>
  /** As a machine would that loses power. */
  kill(): Promise<void>
  stop(): Promise<void>
  /** What is stored of a series: its values that are known, oldest first. Nothing if there is no such file. */
  read(path: string): Promise<number[]>
}

/** A Carbon that keeps each second of the last hour, and writes at once. Not started yet. */
export async function createCarbon(): Promise<Carbon> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-carbon-'))
  const [port = 0, pickle = 0, query = 0] = await findFreePorts(3)
  await writeConfig(dir, { port, pickle, query })
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    child = undefined
  }
  return {
    port,
    async start() {
      const files = [`--config=${join(dir, 'carbon.conf')}`, `--logdir=${dir}`, `--pidfile=${join(dir, 'pid')}`]
      await rm(join(dir, 'pid'), { force: true })
      child = spawn('carbon-cache', ['--nodaemon', ...files, 'start'], {
        env: { ...plainEnvironment(), PATH: `/usr/bin:/bin:${process.env['PATH']}`, GRAPHITE_ROOT: dir },
        stdio: 'ignore',
      })
      await waitFor('carbon to listen', startMaxMs, async () =>
        (await isListening(port)) ? true : notYet(`nobody at port ${port}`),
      )
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
    read: async (path) => await readWhisper(join(dir, 'whisper', `${path.replaceAll('.', '/')}.wsp`)),
  }
}

async function writeConfig(dir: string, ports: { port: number; pickle: number; query: number }): Promise<void> {
  await mkdir(join(dir, 'whisper'))
  const settings = {
    STORAGE_DIR: dir,
    LOCAL_DATA_DIR: join(dir, 'whisper'),
    CONF_DIR: dir,
    LOG_DIR: dir,
    PID_DIR: dir,
    USER: '',
    MAX_UPDATES_PER_SECOND: 'inf',
    MAX_CREATES_PER_MINUTE: 'inf',
    LINE_RECEIVER_INTERFACE: '127.0.0.1',
    LINE_RECEIVER_PORT: ports.port,
    PICKLE_RECEIVER_INTERFACE: '127.0.0.1',
    PICKLE_RECEIVER_PORT: ports.pickle,
    CACHE_QUERY_INTERFACE: '127.0.0.1',
    CACHE_QUERY_PORT: ports.query,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  await writeFile(join(dir, 'carbon.conf'), `[cache]\n${lines.join('\n')}\n`)
  await writeFile(join(dir, 'storage-schemas.conf'), '[all]\npattern = .*\nretentions = 1s:1h\n')
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isOpen
}

// Debian's own Python, which Debian's whisper belongs to.
const program = `import json, sys, time, whisper
(_, values) = whisper.fetch(sys.argv[1], int(time.time()) - 3500)
print(json.dumps([value for value in values if value is not None]))`

async function readWhisper(file: string): Promise<number[]> {
  if (!existsSync(file)) return []
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', program, file], { env: plainEnvironment() })
  return JSON.parse(stdout) as number[]
}
