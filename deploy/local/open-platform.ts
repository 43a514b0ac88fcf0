import { chooseBuildAccount, chooseOpenDir, chooseSandboxesDir } from './build-user.ts'
import { type DataFolder, ownFolder } from './data-folder.ts'
import { findMarathon } from './marathon-process.ts'
import { findPlatformFile, type PlatformFile, sandboxesDirOf, urlsOf, writePlatformFile } from './platform-file.ts'
import { choosePorts, type PortName, type Ports, portNames, preferredPorts } from './ports.ts'
import { newInstallation } from './secrets.ts'

/** What `baton up` was told. */
export interface UpOptions {
  readonly ports: Partial<Record<PortName, number>>
  readonly host: string
  readonly buildUser: string
}

/**
 * The platform of `data`: as it was, or a new one. Ports are those asked for, else those of last time, else the usual;
 * what somebody else took meanwhile moves to the next free one.
 */
export async function openPlatform(
  data: DataFolder,
  options: UpOptions,
  say: (line: string) => void,
): Promise<PlatformFile> {
  const known = findPlatformFile(data.root)
  const host = known?.host ?? options.host
  const ports = await choosePorts(wantedPorts(options, known), host, portsOfOurs(data, known))
  const isRoot = process.getuid?.() === 0
  const account = await chooseBuildAccount(options.buildUser, isRoot)
  const installation = known?.installation ?? newInstallation()
  const openDir = known?.openDir ?? chooseOpenDir(data.root, installation, account.user)
  if (openDir !== data.root) ownFolder(openDir, 0o711)
  if (known === undefined || known.buildUser !== account.user) say(account.notice)
  for (const name of portNames) {
    const before = known?.ports[name] ?? options.ports[name] ?? preferredPorts[name]
    if (before !== 0 && before !== ports[name])
      say(`Port ${before} is taken: the ${spoken[name]} listens on ${ports[name]}.`)
  }
  return writePlatformFile(data.root, {
    installation,
    host,
    ports,
    ...urlsOf(host, ports),
    release: known?.release ?? null,
    openDir,
    // Running tasks stay where they are.
    sandboxesDir: known === undefined ? chooseSandboxesDir(openDir, installation) : sandboxesDirOf(known),
    buildUser: account.user,
    sampleDone: known?.sampleDone ?? false,
  })
}

const spoken: Record<PortName, string> = {
  marathon: 'local Marathon',
  controller: 'State-Controller',
  builder: 'Builder',
  spawner: 'Spawner',
}

function wantedPorts(options: UpOptions, known: PlatformFile | undefined): Ports {
  const wanted = (name: PortName) => options.ports[name] ?? known?.ports[name] ?? preferredPorts[name]
  return {
    marathon: wanted('marathon'),
    controller: wanted('controller'),
    builder: wanted('builder'),
    spawner: wanted('spawner'),
  }
}

/** A running Marathon of ours listens on them: they are taken, but by us. */
function portsOfOurs(data: DataFolder, known: PlatformFile | undefined): Set<number> {
  const isRunning = known !== undefined && findMarathon(data) !== undefined
  return new Set(isRunning ? Object.values(known.ports) : [])
}
