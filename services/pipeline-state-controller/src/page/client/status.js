/** @import { BuildStatus, StepStatus } from '@baton/model' */
import { el } from './dom.js'

/**
 * How a status looks: the colour tells the kind, the shape which one it is. `fill` and `line` are paths on a grid of 16,
 * `cut` is drawn over them in the ground's colour, `sign` stands in titles.
 * @typedef {{ family: string, sign: string, fill?: string, line?: string, cut?: string, dash?: string }} Look
 */

const ring = 'M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12z'

/** @satisfies {Record<BuildStatus | StepStatus, Look>} */
const looks = {
  queued: { family: 'grey', sign: '◌', line: ring, dash: '4.7 4.7' },
  assembling: {
    family: 'blue',
    sign: '⬡',
    line: 'M8 1.5l5.6 3.2v6.6L8 14.5l-5.6-3.2V4.7z',
    fill: 'M8 6a2 2 0 1 1 0 4a2 2 0 1 1 0-4z',
  },
  placing: {
    family: 'blue',
    sign: '⌖',
    line: 'M8 15S3 10 3 6.2a5 5 0 0 1 10 0C13 10 8 15 8 15zM8 4.6a1.6 1.6 0 1 1 0 3.2a1.6 1.6 0 1 1 0-3.2z',
  },
  running: { family: 'blue', sign: '◐', line: ring, fill: 'M8 2a6 6 0 0 0 0 12z' },
  waiting: { family: 'amber', sign: '❚❚', fill: 'M3 2h4v12H3zM9 2h4v12H9z' },
  success: { family: 'green', sign: '✓', fill: 'M8 1a7 7 0 1 1 0 14a7 7 0 1 1 0-14z', cut: 'M4.5 8.2l2.5 2.5l4.5-5' },
  failure: { family: 'red', sign: '✗', fill: 'M1.5 1.5h13v13h-13z', cut: 'M5 5l6 6M11 5l-6 6' },
  killed: { family: 'grey', sign: '⊘', line: `${ring}M4 12l8-8` },
  'timed-out': { family: 'red', sign: '⧗', fill: 'M3 1h10v3.2L9.2 8l3.8 3.8V15H3v-3.2L6.8 8L3 4.2z' },
  lost: {
    family: 'red',
    sign: '△',
    fill: 'M8 .8l7.6 14H.4z',
    cut: 'M6.3 7.6a1.8 1.8 0 1 1 2.6 1.6q-.9.5-.9 1.4M8 12v1.4',
  },
  skipped: { family: 'grey', sign: '»', line: 'M3 3l5 5l-5 5M8 3l5 5l-5 5' },
}

/** @param {string} status */
export const lookOf = (status) => /** @type {Record<string, Look>} */ (looks)[status] ?? looks.queued

/** @param {string} status */
export const isRed = (status) => lookOf(status).family === 'red'

/**
 * Shape, colour and word.
 * @param {string} status
 */
export function badge(status) {
  const svg = new DOMParser().parseFromString(drawing(lookOf(status)), 'image/svg+xml').documentElement
  return el('span', { class: `status ${lookOf(status).family}` }, document.adoptNode(svg), ` ${status}`)
}

/**
 * An SVG made of the table above alone.
 * @param {Look} look
 * @param {{ ink: string, ground: string }} [colours] where no stylesheet reaches it
 */
function drawing({ fill, line, cut, dash }, { ink, ground } = { ink: 'currentColor', ground: 'var(--bg)' }) {
  const stroke = `fill="none" stroke-width="2" stroke-linejoin="round"`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" aria-hidden="true">${[
    line && `<path d="${line}" ${stroke} stroke="${ink}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`,
    fill && `<path d="${fill}" fill="${ink}"/>`,
    cut && `<path d="${cut}" ${stroke} stroke="${ground}" class="cut"/>`,
  ].join('')}</svg>`
}

const inks = { red: '#d3363b', green: '#00937a', blue: '#3b7be0', amber: '#c98207', grey: '#8b95a1' }

/**
 * Tells the state in the tab, for those who look elsewhere.
 * @param {string} title
 * @param {string | undefined} status
 */
export function showInTab(title, status) {
  document.title = `${status === undefined ? '' : `${lookOf(status).sign} `}${title} · Baton`
  if (status === undefined) return
  const look = lookOf(status)
  const ink = /** @type {Record<string, string>} */ (inks)[look.family] ?? inks.grey
  const icon = document.querySelector('link[rel=icon]')
  icon?.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(drawing(look, { ink, ground: '#fff' }))}`)
}
