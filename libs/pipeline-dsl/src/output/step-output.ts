import { closeSync, openSync, writeSync } from 'node:fs'
import { createMasker, type Masker } from './mask.ts'

/** The output file of one step: bytes appended as they come. */
export interface StepOutput {
  /** A descriptor to give to a child: it appends by itself, nothing is copied or changed on the way. */
  readonly fd: number
  /** Another stream into it, with its own masker. */
  stream(): OutputStream
  /** Adds a line of our own. */
  line(text: string): void
  close(): void
}

export interface OutputStream {
  write(chunk: Buffer): void
  end(): void
}

/** Opens the file for appending. `onError`: a write failed (disk full); called once. */
export function openStepOutput(
  path: string,
  needles: readonly Buffer[],
  onError: (error: unknown) => void,
): StepOutput {
  const fd = openSync(path, 'a', 0o644)
  let isBroken = false
  let isOpen = true

  function append(bytes: Buffer): void {
    if (isBroken || !isOpen) return
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    } catch (error) {
      isBroken = true
      onError(error)
    }
  }

  function stream(): OutputStream {
    const masker: Masker = createMasker(needles)
    return { write: (chunk) => append(masker.feed(chunk)), end: () => append(masker.flush()) }
  }

  function line(text: string): void {
    const own = stream()
    own.write(Buffer.from(text.endsWith('\n') ? text : `${text}\n`))
    own.end()
  }

  function close(): void {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  return { fd, stream, line, close }
}
