/** Something to wait for: `ring` wakes everybody who waits, and one who begins to wait just after it. */
export interface Wake {
  ring(): void
  wait(): Promise<void>
}

export function createWake(): Wake {
  let isRung = false
  const waiting: (() => void)[] = []
  return {
    ring() {
      isRung = waiting.length === 0
      for (const go of waiting.splice(0)) go()
    },
    wait() {
      if (isRung) {
        isRung = false
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}
