/** @import { Build, StateEvent } from '@baton/state-client/wire' */
import { buildPath, getJson, pipelinePath } from './api.js'
import { el, showRows } from './dom.js'
import { putIn } from './overview.js'
import { buildRow } from './rows.js'
import { showInTab } from './status.js'

const pageLength = 50

/**
 * The builds of one pipeline, `?before=` those before a moment.
 * @param {HTMLElement} main
 * @param {string} pipeline
 */
export function pipelineView(main, pipeline) {
  const list = el('ul', { class: 'rows' })
  const older = el('a', { class: 'button', hidden: true }, 'Older')
  const nothing = el('p', { class: 'muted', hidden: true }, 'Nothing built here.')
  main.append(el('h1', {}, pipeline), nothing, list, older)
  const before = new URLSearchParams(location.search).get('before')
  /** @type {Build[]} */
  let builds = []

  const draw = () => {
    showRows(list, builds, buildPath, (build) => buildRow(build))
    nothing.hidden = builds.length > 0
    const last = builds.at(-1)
    older.hidden = builds.length < pageLength
    if (last) older.href = `${pipelinePath(pipeline)}?before=${Date.parse(last.createdAt)}`
    showInTab(pipeline, builds[0]?.status)
  }
  return {
    topics: [`pipeline:${pipeline}`],
    async read() {
      const page = before === null ? '' : `&before=${encodeURIComponent(before)}`
      builds = await getJson(`/api/builds?pipeline=${encodeURIComponent(pipeline)}&limit=${pageLength}${page}`)
      draw()
    },
    /** @param {StateEvent} event */
    apply({ type, data }) {
      if (type !== 'build') return
      const build = /** @type {Build} */ (data)
      // An older page does not get what is new.
      if (before !== null && Date.parse(build.createdAt) >= Number(before)) return
      builds = putIn(builds, build, pageLength)
      draw()
    },
  }
}
