import type { Description, PlannedStep } from '@baton/pipeline'

/** A pipeline as a tree of lines, with what it asks of Marathon first. */
export function treeLines({ name, cpus, memMb, timeoutMs, attemptsMax, paths, steps }: Description): string[] {
  const asks = [`${cpus} cpus`, `${memMb} MB`, `at most ${timeOf(timeoutMs)}`]
  if (attemptsMax > 1) asks.push(`up to ${attemptsMax} attempts`)
  if (paths.length > 0) asks.push(`for ${paths.join(', ')}`)
  return [`${name}: ${asks.join(', ')}`, ...childrenOf(steps, '', '')]
}

function childrenOf(steps: readonly PlannedStep[], parent: string, indent: string): string[] {
  const own = steps.filter(({ id }) => id.slice(0, Math.max(0, id.lastIndexOf('.'))) === parent)
  return own.flatMap(({ id, name, kind }, at) => {
    const isLast = at === own.length - 1
    const note = kind === 'step' || kind === name ? '' : ` (${kind})`
    return [
      `${indent}${isLast ? '└─' : '├─'} ${name}${note}`,
      ...childrenOf(steps, id, `${indent}${isLast ? '   ' : '│  '}`),
    ]
  })
}

const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

function timeOf(ms: number): string {
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? (['ms', 1] as const)
  return `${ms / size}${unit}`
}
