import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * Behaves as the `docker` client does, for what a local Marathon asks of it. A container is a process in a session of its own that
 * outlives its client, as one of an engine does, and carries no MESOS_TASK_ID: only its name leads to it. Bundled and run as
 * `docker DIR COMMAND ...`, where DIR stands for the engine.
 */
const [dir = '', command = '', ...args] = process.argv.slice(2)
const fileOf = (name: string) => join(dir, `${name}.json`)
const missing = (name: string) => refuse(`Error response from daemon: No such container: ${name}`, 1)

function refuse(words: string, code: number): never {
  process.stderr.write(`${words}\n`)
  process.exit(code)
}

const commands: Readonly<Record<string, () => void | Promise<void>>> = {
  version: () => void process.stdout.write('27.0.0-fake\n'),
  run,
  stop,
  kill: () => signal(args.at(-1) ?? '', 'SIGKILL'),
  rm: remove,
  exec: execute,
}

function run(): void {
  const split = args.findIndex((one, at) => !one.startsWith('-') && !takesValue(args[at - 1] ?? ''))
  const [image = '', ...rest] = args.slice(split)
  const { values } = parseArgs({
    args: args.slice(0, split),
    options: {
      rm: { type: 'boolean' },
      name: { type: 'string', default: '' },
      network: { type: 'string', default: '' },
      memory: { type: 'string', default: '' },
      'cpu-shares': { type: 'string', default: '' },
      env: { type: 'string', short: 'e', multiple: true, default: [] },
      volume: { type: 'string', short: 'v', multiple: true, default: [] },
      entrypoint: { type: 'string' },
      pull: { type: 'string' },
      privileged: { type: 'boolean' },
      label: { type: 'string', multiple: true },
    },
  })
  if (existsSync(fileOf(values.name))) refuse(`Conflict. The container name "/${values.name}" is already in use`, 125)
  if (image === 'missing') refuse(`Unable to find image 'missing:latest' locally`, 125)
  const env = Object.fromEntries(
    values.env.map((one) => (one.includes('=') ? pairOf(one) : [one, process.env[one] ?? ''])),
  )
  const sandbox = values.volume.map((one) => one.split(':')).find(([, inside]) => inside === '/mnt/mesos/sandbox')?.[0]
  const [program = 'true', ...more] = values.entrypoint ? [values.entrypoint, ...rest] : rest
  const container = spawn(program, more, {
    cwd: sandbox,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env, MESOS_TASK_ID: undefined, MESOS_SANDBOX: sandbox },
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  mkdirSync(dir, { recursive: true })
  // In one step: others look at any time.
  writeFileSync(`${fileOf(values.name)}.next`, JSON.stringify({ pid: container.pid, image, env, options: values }))
  renameSync(`${fileOf(values.name)}.next`, fileOf(values.name))
  for (const one of ['SIGTERM', 'SIGINT'] as const) process.on(one, () => signal(values.name, one))
  container.on('exit', (code, by) => {
    if (values.rm) rmSync(fileOf(values.name), { force: true })
    process.exit(code ?? (by === 'SIGKILL' ? 137 : 143))
  })
}

const takesValue = (option: string) =>
  ['-e', '-v', '--name', '--network', '--memory', '--cpu-shares', '--entrypoint', '--pull'].includes(option)

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

function pidOf(name: string): number {
  try {
    return (JSON.parse(readFileSync(fileOf(name), 'utf8')) as { pid: number }).pid
  } catch {
    return missing(name)
  }
}

function signal(name: string, which: NodeJS.Signals): void {
  try {
    process.kill(-pidOf(name), which)
  } catch {
    // It ended in between.
  }
}

async function stop(): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { time: { type: 'string', short: 't' } },
    allowPositionals: true,
  })
  const [name = ''] = positionals
  signal(name, 'SIGTERM')
  await until(name, Number(values.time) * 1_000)
  if (existsSync(fileOf(name))) signal(name, 'SIGKILL')
}

async function until(name: string, maxMs: number): Promise<void> {
  const endAt = Date.now() + maxMs
  while (existsSync(fileOf(name)) && isAlive(pidOf(name)) && Date.now() < endAt) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function remove(): void {
  const name = args.at(-1) ?? ''
  if (!existsSync(fileOf(name))) return
  signal(name, 'SIGKILL')
  rmSync(fileOf(name), { force: true })
}

function execute(): Promise<void> {
  const [name = '', program = '', ...rest] = args
  const { env } = JSON.parse(readFileSync(fileOf(name), 'utf8')) as { env: Record<string, string> }
  const inside: ChildProcess = spawn(program, rest, { env: { PATH: process.env['PATH'], ...env }, stdio: 'inherit' })
  return new Promise((resolve) =>
    inside.on('exit', (code) => {
      process.exitCode = code ?? 1
      resolve()
    }),
  )
}

await (commands[command] ?? (() => refuse(`docker: '${command}' is not a docker command.`, 1)))()
