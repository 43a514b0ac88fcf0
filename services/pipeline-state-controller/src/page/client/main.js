import { getJson } from './api.js'
import { buildView } from './build.js'
import { el, foreign } from './dom.js'
import { ledger } from './ledger.js'
import { follow } from './live.js'
import { overview } from './overview.js'
import { pipelineView } from './pipeline.js'

const main = find('main')
const line = find('line')
const [, place = '', pipeline = '', number = ''] = location.pathname.split('/').map(decodeURIComponent)

const views = {
  '': () => overview(main),
  ledger: () => ledger(main),
  pipelines: () => pipelineView(main, pipeline),
  builds: () => buildView(main, { pipeline, number: Number(number) }),
}
const view = views[/** @type {keyof typeof views} */ (place)]()
for (const link of document.querySelectorAll('nav a')) {
  if (link.getAttribute('href') === `/${place}`) link.setAttribute('aria-current', 'page')
}
follow(view.topics, {
  read: () => view.read(),
  apply: (event) => view.apply(event),
  tell: (sentence) => {
    line.textContent = sentence
    document.body.classList.toggle('stale', sentence !== '')
  },
})

// Who may act is no part of what is shown live: a session lasts longer than a page.
getJson('/api/me').then(
  (/** @type {{ name: string, role: string }} */ me) => {
    if (me.role !== 'admin') return
    document.body.classList.add('admin')
    find('me').append(el('span', {}, foreign(me.name)))
  },
  () => {},
)

/** @param {string} id */
function find(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the shell has no #${id}`)
  return found
}
