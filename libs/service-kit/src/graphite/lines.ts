import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** Carbon reads a dot as the next folder and a space as the end of the path. */
export function asPathPart(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '') || 'none'
}

/**
 * What Graphite gets of a registry: a path for each series, made of the metric's name and the values of its labels.
 * Buckets of histograms stay with Prometheus: Graphite gets sum and count. What is not a finite number is left out.
 * @param pointsMax how many series are sent at most, so that a mistake with labels cannot flood the disk of Graphite
 */
export function listPoints(
  metrics: readonly MetricObjectWithValues<MetricValue<string>>[],
  prefix: string,
  pointsMax: number,
): Record<string, number> {
  const points: Record<string, number> = {}
  let count = 0
  for (const { name, values } of metrics) {
    for (const value of values) {
      if (count >= pointsMax) return points
      if ('le' in value.labels || !Number.isFinite(value.value)) continue
      const seriesName = 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : name
      const parts = [seriesName, ...Object.values(value.labels).map(String)]
      points[[prefix, ...parts.map(asPathPart)].join('.')] = value.value
      count += 1
    }
  }
  return points
}
