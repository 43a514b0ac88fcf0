import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a run keeps what its steps print, while it shows it. */
export interface OutputFolder {
  readonly path: string
  /** Whether it is still there afterwards. */
  readonly isKept: boolean
}

/**
 * With `--keep` a folder that stays, else one that is gone with this process. `--output=DIR` names one that somebody
 * else removes: whoever started this process, and may have to kill it.
 */
export function openOutputFolder(args: readonly string[]): OutputFolder {
  const given = args.find((arg) => arg.startsWith('--output='))?.slice('--output='.length)
  if (given !== undefined) {
    mkdirSync(given, { recursive: true })
    return { path: given, isKept: false }
  }
  const isKept = args.includes('--keep')
  const path = mkdtempSync(join(tmpdir(), 'baton-run-'))
  if (!isKept) process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return { path, isKept }
}
