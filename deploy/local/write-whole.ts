import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'

/** Replaces `file` by `content`: durable, and never half of it. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  renameSync(writeDraft(file, content, mode), file)
}

/** Writes `file` only if it is not there yet. @returns whether this call wrote it; of many at once, one does */
export function writeOnce(file: string, content: string, mode = 0o600): boolean {
  const draft = writeDraft(file, content, mode)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    unlinkSync(draft)
  }
}

let drafts = 0

function writeDraft(file: string, content: string, mode: number): string {
  drafts += 1
  const draft = `${file}.${process.pid}-${drafts}.tmp`
  const descriptor = openSync(draft, 'w', mode)
  try {
    writeSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return draft
}
