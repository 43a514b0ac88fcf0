/** @import { Build } from '@baton/state-client/wire' */
import { buildPath, nowMs, pipelinePath } from './api.js'
import { el, foreign } from './dom.js'
import { badge } from './status.js'
import { ageOf, durationOf } from './time.js'
import { sentenceOf, shortHash, shortRef } from './words.js'

/**
 * A build, as a line of a list.
 * @param {Build} build
 * @param {...Node} more
 */
export function buildRow(build, ...more) {
  const { pipeline, number, status, reason, cause, endedAt, queuedAt, createdAt } = build
  const says = sentenceOf(reason) || sentenceOf(cause)
  return el(
    'li',
    { class: 'row' },
    badge(status),
    el(
      'span',
      { class: 'name' },
      el('a', { href: pipelinePath(pipeline) }, pipeline),
      ' ',
      el('a', { href: buildPath(build) }, `#${number}`),
    ),
    el('span', { class: 'commit' }, commitOf(build)),
    el('span', { class: 'says', title: says }, foreign(says)),
    el('span', { class: 'when' }, moment(endedAt ?? queuedAt ?? createdAt), ' ', runTime(build)),
    ...more,
  )
}

/** @param {Build} build */
export function commitOf({ ref, commit, author, subject }) {
  const words = el('span', {}, foreign(shortRef(ref)), ' ', el('code', { title: commit }, shortHash(commit)))
  if (subject !== null) words.append(' ', foreign(subject))
  if (author !== null) words.append(' · ', foreign(author))
  return words
}

/** How long ago that was, told on. @param {string} at */
export const moment = (at) =>
  tell(el('time', { datetime: at, title: new Date(at).toLocaleString() }), () => ageOf(nowMs() - Date.parse(at)))

/**
 * How long it ran, or runs.
 * @param {{ startedAt: string | null, endedAt: string | null }} run
 */
export function runTime({ startedAt, endedAt }) {
  const shown = el('span', { class: 'duration' })
  if (startedAt === null) return shown
  return tell(shown, () => durationOf((endedAt === null ? nowMs() : Date.parse(endedAt)) - Date.parse(startedAt)))
}

/** @type {Map<HTMLElement, () => string>} */
const told = new Map()

/**
 * @template {HTMLElement} T
 * @param {T} element
 * @param {() => string} say
 */
function tell(element, say) {
  element.textContent = say()
  told.set(element, say)
  return element
}

setInterval(() => {
  for (const [element, say] of told) {
    if (!element.isConnected) told.delete(element)
    else if (element.textContent !== say()) element.textContent = say()
  }
}, 1_000)
