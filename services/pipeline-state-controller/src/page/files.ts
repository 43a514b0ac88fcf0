import { createHash } from 'node:crypto'
import { reasons } from '@baton/model'
import actions from './client/actions.js?raw' with { type: 'text' }
import ansi from './client/ansi.js?raw' with { type: 'text' }
import api from './client/api.js?raw' with { type: 'text' }
import build from './client/build.js?raw' with { type: 'text' }
import dom from './client/dom.js?raw' with { type: 'text' }
import ledger from './client/ledger.js?raw' with { type: 'text' }
import live from './client/live.js?raw' with { type: 'text' }
import main from './client/main.js?raw' with { type: 'text' }
import output from './client/output.js?raw' with { type: 'text' }
import overview from './client/overview.js?raw' with { type: 'text' }
import pipeline from './client/pipeline.js?raw' with { type: 'text' }
import rows from './client/rows.js?raw' with { type: 'text' }
import shellHtml from './client/shell.html?raw' with { type: 'text' }
import status from './client/status.js?raw' with { type: 'text' }
import style from './client/style.css?raw' with { type: 'text' }
import time from './client/time.js?raw' with { type: 'text' }
import words from './client/words.js?raw' with { type: 'text' }

/** A file as browsers get it. */
export interface PageFile {
  readonly type: string
  readonly text: string
  readonly etag: string
}

const file = (type: string, text: string): PageFile => ({
  type: `${type}; charset=utf-8`,
  text,
  etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
})

const scripts = {
  actions,
  ansi,
  api,
  build,
  dom,
  ledger,
  live,
  main,
  output,
  overview,
  pipeline,
  rows,
  status,
  time,
  words,
}

/** The one document of all views: what it shows, its script finds in the address. */
export const shell = file('text/html', shellHtml)

/** What the document needs, by its name under /page/. */
export const pageFiles: ReadonlyMap<string, PageFile> = new Map([
  ...Object.entries(scripts).map(([name, text]) => [`${name}.js`, file('text/javascript', text)] as const),
  ['style.css', file('text/css', style)],
  ['reasons.json', file('application/json', JSON.stringify(reasons))],
])
