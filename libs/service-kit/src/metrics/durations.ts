import type { MetricValueWithName } from 'prom-client'

type Labels = Readonly<Record<string, string | number>>
type Value = MetricValueWithName<string>

export interface DurationsOptions {
  readonly name: string
  readonly help: string
  /** Upper bounds in seconds, growing. */
  readonly buckets: readonly number[]
}

/**
 * A histogram that a registry takes like prom-client's own, and that a request pays a few additions for: that one checks
 * and hashes its labels for each value.
 */
export class DurationsByLabels {
  readonly name: string
  readonly help: string
  readonly type = 'histogram'
  readonly aggregator = 'sum'
  readonly #buckets: readonly number[]
  readonly #series = new Map<string, { labels: Labels; durations: Durations }>()

  constructor({ name, help, buckets }: DurationsOptions) {
    this.name = name
    this.help = help
    this.#buckets = buckets
  }

  /** The series of these labels; the same one for the same labels. Keep it. */
  of(labels: Labels): Durations {
    const key = JSON.stringify(labels)
    const series = this.#series.get(key) ?? { labels, durations: new Durations(this.#buckets) }
    this.#series.set(key, series)
    return series.durations
  }

  /** For the registry. */
  async get(): Promise<object> {
    const { name, help, type, aggregator } = this
    const values = [...this.#series.values()].flatMap(({ labels, durations }) => durations.values(name, labels))
    return { name, help, type, aggregator, values }
  }

  /** For the registry. */
  reset(): void {
    this.#series.clear()
  }
}

export class Durations {
  readonly #buckets: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets
    this.#counts = buckets.map(() => 0)
  }

  add(seconds: number): void {
    this.#sum += seconds
    this.#count += 1
    const buckets = this.#buckets
    for (let at = 0; at < buckets.length; at += 1) {
      if (seconds > (buckets[at] as number)) continue
      this.#counts[at] = (this.#counts[at] as number) + 1
      return
    }
  }

  values(name: string, labels: Labels): Value[] {
    let below = 0
    const counts = this.#buckets.map((le, at) => {
      below += this.#counts[at] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below }
    })
    return [
      ...counts,
      { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: this.#count },
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: this.#count },
    ]
  }
}
