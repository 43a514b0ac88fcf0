import { Command, InvalidArgumentError, Option } from 'commander'
import type { Call } from './command.ts'
import * as builds from './commands/builds.ts'
import { initPipeline } from './commands/init.ts'
import { showLog } from './commands/log.ts'
import { newService } from './commands/new-service.ts'
import type * as platform from './commands/platform.ts'
import * as repositories from './commands/repositories.ts'
import type { RunFlags } from './commands/run.ts'

/** Runs a command with what it is given, and keeps its exit code. */
export type Runner = (command: (call: Call) => Promise<number>) => Promise<void>

/** Loaded when they are called: they bring the bundler, Marathon and the supervisor along, which no other command needs. */
const heavy = {
  platform: () => import('./commands/platform.ts'),
  marathon: () => import('./commands/marathon.ts'),
  run: () => import('./commands/run.ts'),
  check: () => import('./commands/check.ts'),
  status: () => import('./commands/status.ts'),
}

/** Every command with its arguments. `run` is called for the one that was meant. */
export function createProgram(run: Runner): Command {
  const program = new Command('baton')
    .description('CI/CD on Marathon: every commit gets its own pipeline, which runs once and is gone')
    .option('--json', 'print JSON')
    .option('--data <dir>', 'data folder of the platform (else BATON_DATA, or the nearest .baton upwards)')
  addPlatformCommands(program, run)
  addRepositoryCommands(program.command('repo').description('registered repositories'), run)
  addBuildCommands(program, run)
  addLocalCommands(program, run)
  return program
}

function addPlatformCommands(program: Command, run: Runner): void {
  program
    .command('up')
    .description('start the platform here, or join it if it is up; Ctrl-C drains it')
    .option('--no-sample', 'do not register the sample project')
    .option('--detach', 'go on in the background')
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(new Option('--build-user <account>', 'account of builds when started as root').default('nobody'))
    .option('--port <port>', 'port of the State-Controller and the views (0: any)', readPort)
    .option('--marathon-port <port>', 'port of the local Marathon', readPort)
    .option('--builder-port <port>', 'port of the Pipeline-Builder', readPort)
    .option('--spawner-port <port>', 'port of the Pipeline-Spawner', readPort)
    .action((flags: platform.UpFlags) => run(async (call) => (await heavy.platform()).bringUp(call, flags)))
  program
    .command('down')
    .description('stop everything, running builds included')
    .option('--purge', 'remove the data as well')
    .action((flags: { purge?: boolean }) => run(async (call) => (await heavy.platform()).takeDown(call, flags)))
  program
    .command('status')
    .description('what runs, and how the pipelines stand')
    .action(() => run(async (call) => (await heavy.status()).showStatus(call)))
  program
    .command('login')
    .description('print a link that logs a browser in, once')
    .action(() => run(async (call) => (await heavy.status()).showLogin(call)))
  program
    .command('release', { hidden: true })
    .description('assemble the release of this checkout')
    .action(() => run(async (call) => (await heavy.platform()).assemble(call)))
}

function addRepositoryCommands(repo: Command, run: Runner): void {
  repo
    .command('add <url>')
    .description('register a repository; the head of its default branch is built at once')
    .option('--slug <slug>', 'its short name (else made of the URL)')
    .option('--ref <pattern...>', 'branches or full refs that are built (else every branch)')
    .addOption(new Option('--every <what>', 'what the sweep builds when a branch moved').choices(['head', 'commit']))
    .action((url: string, flags: repositories.AddOptions) =>
      run((call) => repositories.addRepository(call, url, flags)),
    )
  repo
    .command('list')
    .description('list them')
    .action(() => run(repositories.listRepositories))
  repo
    .command('hooks <slug>')
    .description('the addresses and the secret that its forge is told')
    .option('--renew-secret', 'make a new secret first; the old one is refused within a minute')
    .action((slug: string, flags: { renewSecret?: boolean }) =>
      run((call) => repositories.showHooks(call, slug, flags)),
    )
  repo
    .command('remove <slug>')
    .description('forget one; its history stays')
    .action((slug: string) => run((call) => repositories.removeRepository(call, slug)))
  const secret = repo.command('secret').description("secrets of a repository's builds")
  secret
    .command('set <slug> <name>')
    .description('set one; the value comes through stdin')
    .action((slug: string, name: string) => run((call) => repositories.setSecret(call, slug, name)))
  secret
    .command('list <slug>')
    .description('list their names')
    .action((slug: string) => run((call) => repositories.listSecrets(call, slug)))
  secret
    .command('remove <slug> <name>')
    .description('remove one')
    .action((slug: string, name: string) => run((call) => repositories.removeSecret(call, slug, name)))
}

function addBuildCommands(program: Command, run: Runner): void {
  program
    .command('builds [pipeline]')
    .description('list builds, newest first')
    .option('--status <status>', 'only those with this status')
    .option('--repository <slug>', 'only those of this repository')
    .addOption(new Option('--limit <count>', 'at most so many').default(20).argParser(readCount))
    .action((name: string | undefined, flags: builds.ListOptions) =>
      run((call) => builds.listBuilds(call, name, flags)),
    )
  program
    .command('build <pipeline#number>')
    .description('show a build and its steps; ends with 1 if it is over and not green')
    .option('--wait', 'wait until it is over; ends with 1 if it is not green')
    .action((name: string, flags: { wait?: boolean }) => run((call) => builds.showBuild(call, name, flags)))
  program
    .command('start <slug>')
    .description('start a build by hand (of the default branch, unless told otherwise)')
    .option('--commit <hash>', 'of this commit')
    .option('--ref <ref>', 'of the head of this branch or ref')
    .option('--wait', 'wait until it is over; ends with 1 if it is not green')
    .action((slug: string, flags: builds.StartOptions) => run((call) => builds.startBuild(call, slug, flags)))
  program
    .command('log <pipeline#number> [step]')
    .description('print the output of a step (by id or name), or of all')
    .option('-f, --follow', 'go on until it is over')
    .action((name: string, step: string | undefined, flags: { follow?: boolean }) =>
      run((call) => showLog(call, name, step, flags)),
    )
  program
    .command('kill <pipeline#number>')
    .description('stop a build; its finally steps still run')
    .option('--comment <text>', 'why')
    .action((name: string, flags: { comment?: string }) => run((call) => builds.killBuild(call, name, flags.comment)))
  program
    .command('retrigger <pipeline#number>')
    .description('build the same commit again')
    .option('--wait', 'wait until it is over; ends with 1 if it is not green')
    .action((name: string, flags: { wait?: boolean }) => run((call) => builds.retriggerBuild(call, name, flags)))
}

function addLocalCommands(program: Command, run: Runner): void {
  program
    .command('run [file]')
    .description('run a pipeline here and now, on what lies in this folder (pipeline.ts unless named)')
    .option('--no-check', 'do not type-check it first')
    .option('--keep', 'keep what the steps print in a folder, and tell where')
    .action((file: string | undefined, flags: RunFlags) =>
      run(async (call) => (await heavy.run()).runPipeline(call, file, flags)),
    )
  program
    .command('check [file]')
    .description('type-check and load a pipeline, and draw it; runs nothing (pipeline.ts unless named)')
    .action((file: string | undefined) => run(async (call) => (await heavy.check()).checkPipeline(call, file)))
  program
    .command('init')
    .description('write a first pipeline.ts')
    .action(() => run(initPipeline))
  program
    .command('new')
    .description('write something to begin with')
    .command('service <name>')
    .description('a service on the kit, with its test, its Marathon definition and its README')
    .action((name: string) => run((call) => newService(call, name)))
  program
    .command('marathon')
    .description('run the local Marathon alone')
    .addOption(new Option('--port <port>', 'its port').default(8080).argParser(readPort))
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .action((flags: { port: number; host: string }) =>
      run(async (call) => (await heavy.marathon()).runMarathon(call, flags)),
    )
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number up to 65535')
  return port
}

function readCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > 1000) throw new InvalidArgumentError('a count is 1 to 1000')
  return count
}
