import { wordsOf } from './limit.ts'
import type { Judged } from './measured.ts'

const headings = ['measure', 'result', 'floor', 'ratio', 'limit', '']

/** The table, a note under it for each line that has one. */
export function tableOf(all: readonly Judged[]): string {
  const rows = [headings, ...all.map(cellsOf)]
  const widths = headings.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
  const notes = all.filter(({ note }) => note !== '').map(({ name, note }) => `${name}: ${note}`)
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [lines[0], rule, ...lines.slice(1), '', ...notes].map((line) => line?.trimEnd()).join('\n')
}

function cellsOf(one: Judged): string[] {
  const { measure, unit, result, floor, ratio, limit, ok } = one
  return [
    measure,
    `${shown(result)} ${unit}`,
    floor === null ? '-' : `${shown(floor)} ${unit}`,
    ratio === null ? '-' : shown(ratio),
    wordsOf(limit, unit),
    ok ? 'ok' : 'OVER',
  ]
}

/** Three digits say enough. */
const shown = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
