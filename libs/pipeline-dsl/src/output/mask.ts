/** Replaces secrets in a stream of bytes, also those that are split over two chunks. */
export interface Masker {
  /** What can be shown after this chunk. The beginning of what may become a secret is kept back. */
  feed(chunk: Buffer): Buffer
  /** What was kept back; the stream is over. */
  flush(): Buffer
}

const stars = Buffer.from('***')
/** Kept back at most, bytes. Only a secret that repeats itself endlessly comes near. */
const heldMax = 65_536

type Span = { begin: number; end: number }

/** A masker for one stream. Without needles bytes pass untouched. */
export function createMasker(needles: readonly Buffer[]): Masker {
  let held: Buffer = Buffer.alloc(0)
  const noBytes = Buffer.alloc(0)
  return {
    feed(chunk) {
      if (needles.length === 0) return chunk
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const spans = findSpans(bytes, needles)
      const cut = cutOf(bytes, needles, spans)
      held = Buffer.from(bytes.subarray(cut))
      return starred(
        bytes.subarray(0, cut),
        spans.filter((span) => span.end <= cut),
      )
    },
    flush() {
      const shown = starred(held, findSpans(held, needles))
      held = noBytes
      return shown
    },
  }
}

/** Masks a whole text. */
export function maskText(text: string, needles: readonly Buffer[]): string {
  const bytes = Buffer.from(text)
  const spans = findSpans(bytes, needles)
  return spans.length === 0 ? text : starred(bytes, spans).toString()
}

/** Where secrets are; overlapping ones are one. */
function findSpans(bytes: Buffer, needles: readonly Buffer[]): Span[] {
  const found: Span[] = []
  for (const needle of needles) {
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
      found.push({ begin: at, end: at + needle.length })
    }
  }
  found.sort((a, b) => a.begin - b.begin)
  const merged: Span[] = []
  for (const span of found) {
    const last = merged.at(-1)
    if (last !== undefined && span.begin < last.end) last.end = Math.max(last.end, span.end)
    else merged.push({ ...span })
  }
  return merged
}

/** Up to where it is decided: before the longest end that a needle begins with, and not inside of a found secret. */
function cutOf(bytes: Buffer, needles: readonly Buffer[], spans: readonly Span[]): number {
  let cut = bytes.length
  for (const needle of needles) cut = Math.min(cut, bytes.length - openEnd(bytes, needle))
  const crossing = spans.find((span) => span.begin < cut && span.end > cut)
  if (crossing !== undefined) cut = crossing.begin
  return bytes.length - cut > heldMax ? bytes.length : cut
}

/** Length of the longest end of `bytes` that is a true beginning of `needle`. */
function openEnd(bytes: Buffer, needle: Buffer): number {
  const most = Math.min(needle.length - 1, bytes.length)
  const tail = bytes.subarray(bytes.length - most)
  const first = needle[0] as number
  for (let at = tail.indexOf(first); at >= 0; at = tail.indexOf(first, at + 1)) {
    if (needle.subarray(0, most - at).equals(tail.subarray(at))) return most - at
  }
  return 0
}

function starred(bytes: Buffer, spans: readonly Span[]): Buffer {
  if (spans.length === 0) return bytes
  const parts: Buffer[] = []
  let at = 0
  for (const span of spans) {
    parts.push(bytes.subarray(at, span.begin), stars)
    at = span.end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}
