import { closeSync, openSync, readSync } from 'node:fs'

/** 96 random bits as hex. Straight from the kernel: loading `node:crypto` would delay the first step by 3 ms. */
export function createNonce(): string {
  const bytes = Buffer.alloc(12)
  const fd = openSync('/dev/urandom', 'r')
  readSync(fd, bytes)
  closeSync(fd)
  return bytes.toString('hex')
}
