/** Query parameters as Marathon reads them: names may repeat, truth is case-insensitive. */
export class Query {
  readonly #values: URLSearchParams

  constructor(url: string) {
    const at = url.indexOf('?')
    this.#values = new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
  }

  isTrue(name: string, fallback = false): boolean {
    return (this.#values.get(name) ?? String(fallback)).toLowerCase() === 'true'
  }

  find(name: string): string | undefined {
    return this.#values.get(name) ?? undefined
  }

  /** `name` and `name[]`. */
  list(name: string): string[] {
    return [...this.#values.getAll(name), ...this.#values.getAll(`${name}[]`)]
  }
}
