import type { StatusReport } from '../service/report.ts'
import type { StatusReading } from '../service/status.ts'
import { html, Markup } from './markup.ts'
import { style } from './style.ts'
import { nameInWords, sizeInWords, timeInWords } from './words.ts'

/** The same as /status tells machines, for a person. It is complete without a script. */
export function renderStatusPage({ application, system }: StatusReport): string {
  const { name, version, commit, status, message, details, config, stopping } = application
  const { jobs, ...others } = details
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} - ${name}</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<h1>${name} <span class="level ${status}">${status}</span></h1>
<p>${message}${stopping ? '; it is stopping and takes no new work' : ''}</p>
<p class="muted">version ${version}${commit === undefined ? '' : `, commit ${commit}`}, up for ${timeInWords(system.uptimeSeconds)}</p>
</header>
<main>
${section('Details', Object.keys(others).length === 0 ? [] : [readingsTable(others)])}
${section('Jobs', jobs === undefined ? [] : [jobsTable(jobs)])}
${section('Configuration', [rows(config)])}
${section('System', [rows(system)])}
</main>
<footer class="muted"><p>As of ${system.time}. Machines that do not ask for text/html get this as JSON.</p></footer>
</body>
</html>
`
  return page.text
}

function section(title: string, content: readonly Markup[]): Markup {
  return content.length === 0
    ? new Markup('')
    : html`<section><h2>${title}</h2><div class="wide">${content}</div></section>`
}

function readingsTable(details: Readonly<Record<string, StatusReading>>): Markup {
  const lines = Object.entries(details).map(
    ([name, { status, message, details: more }]) => html`<tr>
<th scope="row">${nameInWords(name)}</th><td><span class="level ${status}">${status}</span></td><td>${message}${more === undefined ? '' : shownValue('', more)}</td>
</tr>`,
  )
  return html`<table><thead><tr><th>Of</th><th>Status</th><th>Message</th></tr></thead><tbody>${lines}</tbody></table>`
}

const jobColumns = ['name', 'state', 'runs', 'failures', 'next run', 'last run', 'last result'] as const

function jobsTable({ details }: StatusReading): Markup {
  const lines = asJobs(details).map(({ name, state, runs, failures, nextAt, last }) => {
    const took = last === undefined ? 'none yet' : `${last.startedAt}, ${last.durationMs} ms`
    const result = last === undefined ? '' : last.result
    const level = result === 'failed' ? 'level error' : 'level ok'
    return html`<tr><th scope="row">${name}</th><td>${state}</td><td>${runs}</td><td>${failures}</td><td>${nextAt}</td><td>${took}</td><td>${result === '' ? '' : html`<span class="${level}">${result}</span>`} ${last?.message}</td></tr>`
  })
  const heads = jobColumns.map((name) => html`<th>${name}</th>`)
  return html`<table><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table>`
}

interface JobLine {
  name?: string
  state?: string
  runs?: number
  failures?: number
  nextAt?: string
  last?: { startedAt: string; durationMs: number; result: string; message?: string }
}

// A service may bring a detail of its own that is called `jobs`.
function asJobs(details: unknown): JobLine[] {
  return Array.isArray(details) ? details : []
}

function rows(values: object): Markup {
  const lines = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<tr><th scope="row">${nameInWords(name)}</th><td>${shownValue(name, value)}</td></tr>`)
  return html`<table><tbody>${lines}</tbody></table>`
}

function shownValue(name: string, value: unknown): Markup {
  if (typeof value === 'number' && name.endsWith('Bytes')) return html`${sizeInWords(value)}`
  if (typeof value === 'number' && name.endsWith('Seconds')) return html`${timeInWords(value)}`
  if (typeof value !== 'object' || value === null) return html`${value as string}`
  if (isFlat(value)) {
    const parts = Object.entries(value).map(
      ([key, one]) => html`<span>${nameInWords(key)} ${shownValue(key, one)}</span> `,
    )
    return html`${parts}`
  }
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`
}

/** An object of a few plain values, which reads better as words than as JSON. */
function isFlat(value: object): boolean {
  const values = Object.values(value)
  return !Array.isArray(value) && values.length <= 6 && values.every((one) => typeof one !== 'object' || one === null)
}
