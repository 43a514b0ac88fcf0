import type { Lane, OpenAttempt, StateClient } from '@baton/state-client'

export type AttemptName = Pick<OpenAttempt, 'pipeline' | 'number' | 'attempt'>

/** Most apps remembered; the oldest are forgotten and looked up again if they matter. */
const rememberedMax = 5_000

/** Which attempt an app id stands for. Knows what this process placed, and asks the controller about the rest. */
export class AttemptBook {
  readonly #known = new Map<string, AttemptName>()
  readonly #state: StateClient
  readonly #lane: Lane
  #asking: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(state: StateClient, lane: Lane) {
    this.#state = state
    this.#lane = lane
  }

  remember(appId: string, { pipeline, number, attempt }: AttemptName): void {
    this.#known.set(appId, { pipeline, number, attempt })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= rememberedMax) break
      this.#known.delete(oldest)
    }
  }

  forget(appId: string): void {
    this.#known.delete(appId)
  }

  /** The attempt of an app, if it is open. @throws STATE_UNREACHABLE */
  async find(appId: string): Promise<AttemptName | undefined> {
    const known = this.#known.get(appId)
    if (known !== undefined) return known
    await this.#refresh()
    return this.#known.get(appId)
  }

  /** One question for all who ask while one is under way; it has to begin after they asked. */
  #refresh(): Promise<void> {
    if (this.#asking === undefined) {
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined
      })
      return this.#asking
    }
    this.#next ??= this.#asking
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#refresh()
      })
    return this.#next
  }

  async #ask(): Promise<void> {
    for (const open of await this.#state.listOpenAttempts(this.#lane)) this.remember(open.appId, open)
  }
}
