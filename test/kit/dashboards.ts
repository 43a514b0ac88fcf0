import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Dashboard {
  readonly title: string
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { expr?: string; target?: string }[]
  }[]
  readonly templating: { readonly list: readonly { readonly query?: string }[] }
}

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'dashboards')

export function readDashboard(name: 'prometheus' | 'graphite'): Dashboard {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Dashboard
}

/** What a dashboard asks for, its variables included. */
export function listQueries({ panels, templating }: Dashboard): string[] {
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr, target }) => expr ?? target ?? ''))
  return [...asked, ...templating.list.flatMap(({ query = '' }) => (query.includes('_') ? [query] : []))]
}

/** The words of a query that can only be names of metrics: all of ours have an underscore, as no function of theirs has. */
export function metricsOf(query: string): string[] {
  return (query.match(/(?<![\w$])[a-z]+(?:_[a-z]+)+/g) ?? []).filter((word) => word !== 'label_values')
}
