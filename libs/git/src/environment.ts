import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How Git is called here. */
export interface GitSettings {
  /** Whether `file://` is a protocol; repositories of other users of this machine are then readable too. */
  readonly allowLocal: boolean
  /** Where Git finds its home and its only configuration file. Nothing of the user's own is read. */
  readonly homeDir: string
}

/** `-c` settings of every call. A protocol that is not named may not be used, whatever a repository says. */
export function configArguments(settings: GitSettings): string[] {
  const allowed = ['https', 'http', 'ssh', 'git', ...(settings.allowLocal ? ['file'] : [])]
  return [
    'protocol.allow=never',
    ...allowed.map((protocol) => `protocol.${protocol}.allow=always`),
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'credential.helper=',
    'gc.auto=0',
    'maintenance.auto=false',
    // Always a pack: it is there whole or not at all, also when Git is killed.
    'transfer.unpackLimit=1',
    'fetch.fsckObjects=false',
    'http.lowSpeedLimit=1000',
    'http.lowSpeedTime=30',
  ].flatMap((pair) => ['-c', pair])
}

/** Git's whole environment: nothing is handed down but what finds programs, proxies and an SSH agent. */
export function gitEnvironment(settings: GitSettings): Record<string, string> {
  const handedDown = Object.fromEntries(
    [
      'PATH',
      'SSH_AUTH_SOCK',
      'TMPDIR',
      'GIT_SSL_CAINFO',
      'SSL_CERT_FILE',
      'http_proxy',
      'https_proxy',
      'HTTPS_PROXY',
      'no_proxy',
      'NO_PROXY',
    ]
      .map((name) => [name, process.env[name]])
      .filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  return {
    ...handedDown,
    HOME: settings.homeDir,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: settings.allowLocal ? join(settings.homeDir, 'gitconfig') : '/dev/null',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3',
    GIT_OPTIONAL_LOCKS: '0',
  }
}

/**
 * Makes Git's home. With local repositories its configuration trusts the owners of all directories: `git upload-pack`
 * of a `file://` URL reads that from a file only, since Git does not hand `-c` on to it.
 */
export function openGit(settings: GitSettings): GitSettings {
  mkdirSync(settings.homeDir, { recursive: true, mode: 0o700 })
  if (settings.allowLocal) {
    // Renamed into place: another process of ours may have Git read it right now.
    const half = join(settings.homeDir, `gitconfig.${process.pid}`)
    writeFileSync(half, '[safe]\n\tdirectory = *\n', { mode: 0o600 })
    renameSync(half, join(settings.homeDir, 'gitconfig'))
  }
  return settings
}
