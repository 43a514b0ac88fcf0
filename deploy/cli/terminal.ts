/** Where a command speaks: results to stdout, everything on the way to stderr. */
export interface Terminal {
  /** A line of the result. Quiet with --json. */
  say(line: string): void
  /** A line on the way, for whoever waits. With --json it goes to stderr, so that stdout is JSON only. */
  tell(line: string): void
  /** A remark that is no part of the result: always to stderr. */
  note(line: string): void
  /** A line on the way for a log, where `progress` shows nothing: to stderr. */
  remark(line: string): void
  /** The one line that is written over while something long runs; only on a terminal. */
  progress(text: string): void
  /** A value of the result: printed with --json only. */
  json(value: unknown): void
  /** Bytes as they are. */
  write(bytes: Uint8Array): void
  /** Takes the progress line away. */
  end(): void
  readonly isJson: boolean
}

export interface Stream {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const columnsUsual = 80

/** @param name makes commands that remarks tell mean the same platform */
export function createTerminal(isJson: boolean, out: Stream, err: Stream, name: (text: string) => string): Terminal {
  let shown = ''
  const clear = () => {
    if (shown !== '') err.write('\r\u001b[K')
    shown = ''
  }
  const line = (stream: Stream, text: string) => {
    clear()
    stream.write(`${text}\n`)
  }
  return {
    isJson,
    end: clear,
    say: (text) => {
      if (!isJson) line(out, text)
    },
    tell: (text) => line(isJson ? err : out, name(text)),
    note: (text) => line(err, name(text)),
    remark: (text) => {
      if (err.isTTY !== true) line(err, text)
    },
    json: (value) => {
      if (isJson) line(out, JSON.stringify(value))
    },
    write: (bytes) => {
      clear()
      out.write(bytes)
    },
    progress: (text) => {
      if (err.isTTY !== true || text === shown) return
      clear()
      shown = text.slice(0, (err.columns ?? columnsUsual) - 1)
      err.write(shown)
    },
  }
}
