/** @import { Build, LedgerEntry, StateEvent } from '@baton/state-client/wire' */
import { buildPath, getJson } from './api.js'
import { el, foreign, showRows } from './dom.js'
import { moment } from './rows.js'
import { badge, showInTab } from './status.js'
import { sentenceOf, shortHash, shortRef } from './words.js'

const pageLength = 100

/** Every ref change ever seen, and what became of it. @param {HTMLElement} main */
export function ledger(main) {
  const query = new URLSearchParams(location.search)
  const repository = query.get('repository')
  const list = el('ul', { class: 'rows' })
  const older = el('a', { class: 'button', hidden: true }, 'Older')
  const nothing = el('p', { class: 'muted', hidden: true }, 'No change seen here.')
  main.append(el('h1', {}, 'Ledger', repository === null ? '' : ` of ${repository}`), nothing, list, older)
  /** @type {LedgerEntry[]} */
  let entries = []

  const draw = () => {
    showRows(list, entries, ({ id }) => String(id), entryRow)
    nothing.hidden = entries.length > 0
    older.hidden = entries.length < pageLength
    query.set('before', String(entries.at(-1)?.id ?? 0))
    older.href = `/ledger?${query}`
    showInTab('Ledger', undefined)
  }
  const isPast = query.has('before')
  return {
    topics: [`ledger:${repository ?? '*'}`, 'overview'],
    async read() {
      const asked = new URLSearchParams(location.search)
      asked.set('limit', String(pageLength))
      entries = await getJson(`/api/ledger?${asked}`)
      draw()
    },
    /** @param {StateEvent} event */
    apply({ type, data }) {
      if (type === 'build') entries = entries.map((entry) => withBuild(entry, /** @type {Build} */ (data)))
      if (type === 'ledger') {
        const changed = /** @type {LedgerEntry} */ (data)
        const isKnown = entries.some(({ id }) => id === changed.id)
        if (isKnown) entries = entries.map((entry) => (entry.id === changed.id ? changed : entry))
        else if (!isPast) entries = [changed, ...entries].slice(0, pageLength)
      }
      draw()
    },
  }
}

/**
 * @param {LedgerEntry} entry
 * @param {Build} build
 * @returns {LedgerEntry}
 */
function withBuild(entry, { pipeline, number, status }) {
  const isOf = (/** @type {LedgerEntry['fates'][number]} */ fate) => fate.pipeline === pipeline && fate.build === number
  if (!entry.fates.some(isOf)) return entry
  return { ...entry, fates: entry.fates.map((fate) => (isOf(fate) ? { ...fate, buildStatus: status } : fate)) }
}

/** @param {LedgerEntry} entry */
function entryRow({ repository, ref, commit, before, source, seenAt, state, reason, fates }) {
  const change = `${before === null ? '' : `${shortHash(before)} → `}${shortHash(commit)}`
  const whole = state === 'resolved' ? [] : [el('li', {}, el('b', {}, state), ' ', foreign(sentenceOf(reason)))]
  return el(
    'li',
    { class: 'row entry' },
    el('span', { class: 'when' }, moment(seenAt)),
    el('span', { class: 'name' }, el('a', { href: `/ledger?repository=${repository}` }, repository)),
    el('span', { class: 'commit' }, foreign(shortRef(ref)), ' ', el('code', { title: commit }, change), ` · ${source}`),
    el('ul', { class: 'says' }, ...whole, ...fates.map(fateItem)),
  )
}

/** @param {LedgerEntry['fates'][number]} fate */
function fateItem({ pipeline, fate, build, buildStatus, reason }) {
  if (build === null) return el('li', {}, `${pipeline} `, el('b', {}, fate), ' ', foreign(sentenceOf(reason)))
  const link = el('a', { href: buildPath({ pipeline, number: build }) }, `${pipeline} #${build}`)
  return el('li', {}, link, ' ', buildStatus === null ? fate : badge(buildStatus))
}
