/** @import { Build, PipelineRow, StateEvent } from '@baton/state-client/wire' */
import { buildPath, getJson } from './api.js'
import { el, showRows } from './dom.js'
import { buildRow } from './rows.js'
import { badge, isRed, showInTab } from './status.js'

const newestMax = 30

/** Every pipeline as it is now, and the newest builds. @param {HTMLElement} main */
export function overview(main) {
  const [teams, meta, newest] = [el('ul', { class: 'rows' }), el('ul', { class: 'rows' }), el('ul', { class: 'rows' })]
  const nothing = el(
    'p',
    { class: 'muted', hidden: true },
    'No pipeline yet: ',
    el('code', {}, 'npx baton repo add <git url>'),
  )
  const assembling = el('section', {}, el('h2', {}, 'Assembling'), meta)
  main.append(el('h1', {}, 'Pipelines'), nothing, teams, assembling, el('h2', {}, 'Newest builds'), newest)
  /** @type {Map<string, PipelineRow>} */
  let rows = new Map()
  /** @type {Build[]} */
  let builds = []

  const draw = () => {
    const all = [...rows.values()].filter((row) => row.newest !== null)
    const [ours, metas] = [all.filter((row) => !isMeta(row.pipeline)), all.filter((row) => isMeta(row.pipeline))]
    showRows(teams, ours, (row) => row.pipeline, pipelineRow)
    showRows(meta, metas, (row) => row.pipeline, pipelineRow)
    showRows(newest, builds, buildPath, (build) => buildRow(build))
    nothing.hidden = rows.size > 0
    assembling.hidden = metas.length === 0
    const red = ours.filter((row) => isRed((row.lastEnded ?? row.newest)?.status ?? ''))
    const running = ours.some((row) => row.newest?.status === 'running')
    showInTab(
      red.length > 0 ? `${red.length} red` : 'all well',
      red.length > 0 ? 'failure' : running ? 'running' : 'success',
    )
  }
  return {
    topics: ['overview', 'repositories'],
    async read() {
      const [pipelines, list] = await Promise.all([
        /** @type {Promise<PipelineRow[]>} */ (getJson('/api/pipelines')),
        /** @type {Promise<Build[]>} */ (getJson(`/api/builds?limit=${newestMax}`)),
      ])
      rows = new Map(pipelines.map((row) => [row.pipeline, row]))
      builds = list
      draw()
    },
    /** @param {StateEvent} event */
    apply({ type, data }) {
      if (type === 'repository') void this.read()
      if (type !== 'build') return
      const build = /** @type {Build} */ (data)
      rows.set(build.pipeline, withBuild(rows.get(build.pipeline), build))
      builds = putIn(builds, build, newestMax)
      draw()
    },
  }
}

/** @param {string} pipeline */
const isMeta = (pipeline) => pipeline.startsWith('~')

/** @param {PipelineRow} row */
function pipelineRow({ newest, lastEnded }) {
  if (newest === null) return el('li')
  if (lastEnded === null || lastEnded.number === newest.number) return buildRow(newest)
  const last = el('a', { href: buildPath(lastEnded) }, `#${lastEnded.number}`)
  return buildRow(newest, el('span', { class: 'last' }, 'before it ', last, ' ', badge(lastEnded.status)))
}

/**
 * @param {PipelineRow | undefined} row
 * @param {Build} build
 * @returns {PipelineRow}
 */
function withBuild(row, build) {
  const { pipeline, repository, number, endedAt } = build
  const { newest, lastEnded } = row ?? { newest: null, lastEnded: null }
  return {
    pipeline,
    repository,
    newest: (newest?.number ?? 0) <= number ? build : newest,
    lastEnded: endedAt !== null && (lastEnded?.number ?? 0) <= number ? build : lastEnded,
  }
}

/**
 * The list with this build as it is now; a new one is the newest.
 * @param {readonly Build[]} builds
 * @param {Build} build
 * @param {number} max
 */
export function putIn(builds, build, max) {
  const [path, last] = [buildPath(build), builds.at(-1)]
  if (builds.some((one) => buildPath(one) === path)) return builds.map((one) => (buildPath(one) === path ? build : one))
  if (last && builds.length >= max && build.createdAt < last.createdAt) return [...builds]
  return [...builds, build].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, max)
}
