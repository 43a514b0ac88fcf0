import { pause } from '@baton/state-client'

/** Wakes those who wait for something about one app. A wake-up is a hint: whoever wakes looks for himself. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>()

  tell(appId: string): void {
    for (const wake of this.#waiting.get(appId) ?? []) wake()
  }

  /**
   * Looks until `test` says yes: at once, at every hint, and every `pollMs`, because hints may be missed.
   * @returns false when `limitMs` ran out
   * @throws the signal's reason; what `test` throws
   */
  async until(
    appId: string,
    limits: { limitMs: number; pollMs: number; signal: AbortSignal; nowMs(): number },
    test: () => Promise<boolean>,
  ): Promise<boolean> {
    const endMs = limits.nowMs() + limits.limitMs
    for (;;) {
      const hint = this.#nextHint(appId)
      try {
        if (await test()) return true
        const leftMs = endMs - limits.nowMs()
        if (leftMs <= 0) return false
        await orPause(hint.come, Math.min(limits.pollMs, leftMs), limits.signal)
      } finally {
        hint.forget()
      }
    }
  }

  #nextHint(appId: string): { come: Promise<void>; forget(): void } {
    const waiting = this.#waiting.get(appId) ?? new Set()
    this.#waiting.set(appId, waiting)
    let wake = () => {}
    const come = new Promise<void>((resolve) => {
      wake = resolve
    })
    waiting.add(wake)
    const forget = () => {
      waiting.delete(wake)
      if (waiting.size === 0 && this.#waiting.get(appId) === waiting) this.#waiting.delete(appId)
    }
    return { come, forget }
  }
}

async function orPause(come: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const end = () => over.abort(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', end, { once: true })
  try {
    await Promise.race([come, pause(ms, over.signal)])
  } finally {
    signal.removeEventListener('abort', end)
    over.abort()
  }
}
