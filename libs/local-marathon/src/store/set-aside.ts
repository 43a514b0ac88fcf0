import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps what cannot be read where a person finds it. On disk when this returns: only then may it go from the state. */
export function setAside(dataDir: string, lines: readonly string[]): string {
  const path = join(dataDir, 'unreadable.jsonl')
  const file = openSync(path, 'a', 0o600)
  try {
    writeSync(file, lines.map((line) => `${line}\n`).join(''))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return path
}
