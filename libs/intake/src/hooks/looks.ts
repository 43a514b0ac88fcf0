import type { Log } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'

const pauseMs = 1_000
const waitingMax = 10_000

/** Asks the controller to have a remote looked at: at once, then at most once a second, the last request never dropped. */
export class Looks {
  readonly #state: Pick<StateClient, 'look'>
  readonly #log: Log
  /** Slugs looked at within the pause; true if another look was wanted since. */
  readonly #resting = new Map<string, boolean>()

  constructor(state: Pick<StateClient, 'look'>, log: Log) {
    this.#state = state
    this.#log = log
  }

  async look(slug: string): Promise<void> {
    if (this.#resting.has(slug) || this.#resting.size >= waitingMax) {
      this.#resting.set(slug, true)
      return
    }
    this.#rest(slug)
    await this.#state.look(slug)
  }

  #rest(slug: string): void {
    this.#resting.set(slug, false)
    setTimeout(() => {
      const again = this.#resting.get(slug)
      this.#resting.delete(slug)
      if (again)
        this.look(slug).catch((err: unknown) => this.#log.warn({ err, repository: slug }, 'look not asked for'))
    }, pauseMs).unref()
  }
}
