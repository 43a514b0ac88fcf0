import type { Line } from './line.ts'

const lookMs = 1000

/** Calls `onSilent` once when nothing answered for `silenceMaxMs`. The clock is monotonic: setting the time changes nothing. */
export function startWatch(line: Line, silenceMaxMs: number, onSilent: () => void): void {
  const timer = setInterval(
    () => {
      if (line.silentMs() < silenceMaxMs) return
      clearInterval(timer)
      onSilent()
    },
    Math.min(lookMs, silenceMaxMs / 4),
  )
}
