/** @import { Attempt, Build, BuildDetail, StateEvent, Step, Version } from '@baton/state-client/wire' */

import { actions } from './actions.js'
import { buildPath, getJson, pipelinePath } from './api.js'
import { el, foreign, showRows } from './dom.js'
import { outputPanel } from './output.js'
import { commitOf, moment, runTime } from './rows.js'
import { badge, isRed, showInTab } from './status.js'
import { sentenceOf } from './words.js'

/**
 * One build: its steps, and the output of the one in the address, `?s=`, or else of the one that matters most.
 * @param {HTMLElement} main
 * @param {{ pipeline: string, number: number }} name
 */
export function buildView(main, name) {
  const api = `/api${buildPath(name)}`
  const [facts, steps, panel] = [
    el('div', { class: 'facts' }),
    el('ul', { class: 'steps' }),
    el('section', { class: 'panel' }),
  ]
  const attempts = el('ul', { class: 'attempts' })
  const title = el('h1', {}, el('a', { href: pipelinePath(name.pipeline) }, name.pipeline), ` #${name.number} `)
  const nav = el('nav', { 'aria-label': 'Steps' }, steps)
  main.append(title, facts, actions(api), el('div', { class: 'split' }, nav, panel), el('h2', {}, 'Attempts'), attempts)
  /** @type {BuildDetail | undefined} */
  let build
  /** @type {{ key: string, announce(now: { bytes: number, isOver: boolean }): void } | undefined} */
  let output
  let chosen = new URLSearchParams(location.search).get('s')

  const draw = () => {
    if (build === undefined) return
    drawHead(build, title, facts)
    main.classList.toggle('over', build.endedAt !== null)
    showRows(attempts, build.attempts, ({ number }) => String(number), attemptRow)
    const { attempt, steps: all } = build
    const step = all.find(({ id }) => id === chosen) ?? mattersMost(all)
    showRows(
      steps,
      all.map((one) => ({ ...one, isShown: one === step })),
      ({ id }) => id,
      stepRow,
    )
    showOutput(step, `${attempt}`)
    showInTab(`${name.pipeline} #${name.number}`, build.status)
  }
  const showOutput = (/** @type {Step | undefined} */ step, /** @type {string} */ attempt) => {
    const key = step && `${attempt} ${step.id}`
    if (step === undefined || key === undefined) {
      output = undefined
      if (build !== undefined) void showNoSteps(build, panel)
    } else if (output?.key !== key) {
      const path = `${api}/output/${step.id}`
      const opened = outputPanel(path, step.outputBytes)
      output = { key, announce: opened.announce }
      panel.replaceChildren(
        el('h2', {}, `${step.id} `, foreign(step.name), ' ', el('a', { href: `${path}?limit=8388608` }, 'plain text')),
        opened.panel,
      )
    }
    if (step) output?.announce({ bytes: step.outputBytes, isOver: step.endedAt !== null || build?.endedAt !== null })
  }
  steps.addEventListener('click', (click) => {
    const link = click.target instanceof Element ? click.target.closest('a') : null
    if (link === null || click.metaKey || click.ctrlKey || click.shiftKey) return
    click.preventDefault()
    chosen = new URL(link.href).searchParams.get('s')
    history.replaceState(null, '', link.href)
    draw()
  })
  steps.addEventListener('keydown', ({ key }) => {
    const links = [...steps.querySelectorAll('a')]
    const at = links.findIndex((link) => link.matches(':focus'))
    if (key === 'ArrowDown' || key === 'j') links[at + 1]?.focus()
    if (key === 'ArrowUp' || key === 'k') links[at - 1]?.focus()
  })
  return {
    topics: [`build:${name.pipeline}#${name.number}`],
    async read() {
      build = await getJson(api)
      draw()
    },
    /** @param {StateEvent} event */
    apply({ type, data }) {
      if (build === undefined) return
      if (type === 'build') build = { ...build, .../** @type {Build} */ (data) }
      if (type === 'step') {
        const changed = /** @type {{ attempt: number, step: Step }} */ (data)
        if (changed.attempt === build.attempt)
          build = { ...build, steps: build.steps.map((one) => (one.id === changed.step.id ? changed.step : one)) }
      }
      // A plan, or a next attempt, comes with steps of its own.
      if (type === 'attempt') void this.read()
      draw()
    },
  }
}

/**
 * @param {Build} build
 * @param {Element} title
 * @param {Element} facts
 */
function drawHead(build, title, facts) {
  title.querySelector('.status')?.remove()
  title.append(badge(build.status))
  const { reason, cause, queuedAt, createdAt } = build
  facts.replaceChildren(
    el('p', {}, el('strong', {}, foreign(sentenceOf(reason))), ' ', foreign(sentenceOf(cause))),
    el('p', { class: 'muted' }, commitOf(build), ' · ', moment(queuedAt ?? createdAt), ' · ', runTime(build)),
  )
}

/**
 * A build without steps waits for its version, or has none: the way to what assembles it, or could not.
 * @param {Build} build
 * @param {Element} panel
 */
async function showNoSteps({ versionKey, endedAt }, panel) {
  const says = el('p', { class: 'muted' }, endedAt === null ? 'No step has begun.' : 'No step ever began.')
  panel.replaceChildren(says)
  if (versionKey === null) return
  /** @type {Version | undefined} */
  const version = await getJson(`/api/versions/${versionKey}`).catch(() => undefined)
  if (version === undefined || version.metaBuild === null) return
  const name = { pipeline: `~${version.pipeline}`, number: version.metaBuild }
  says.append(
    ' Its pipeline is assembled by ',
    el('a', { href: buildPath(name) }, `${name.pipeline} #${name.number}`),
    '.',
  )
}

/** What is looked at first: what failed, else what runs, else what waits or was killed, else what ran last before the end. @param {readonly Step[]} steps */
function mattersMost(steps) {
  const leaves = steps.filter(({ id }) => !steps.some((one) => one.id.startsWith(`${id}.`)))
  const running = leaves.filter(({ status }) => status === 'running')
  return (
    leaves.find(({ status }) => isRed(status)) ??
    running.at(-1) ??
    leaves.find(({ status }) => status === 'waiting' || status === 'killed') ??
    leaves.findLast(({ startedAt, kind }) => startedAt !== null && kind !== 'finally') ??
    leaves[0]
  )
}

/** @param {Step & { isShown: boolean }} step */
function stepRow(step) {
  const { id, name, status, reason, isShown } = step
  const row = el(
    'li',
    {},
    el(
      'a',
      { href: `?s=${id}`, 'aria-current': isShown ? 'step' : null },
      badge(status),
      el('span', {}, `${id} `, foreign(name)),
      runTime(step),
    ),
  )
  row.style.setProperty('--depth', String(id.split('.').length - 1))
  if (reason !== null) row.append(el('p', { class: 'says' }, foreign(sentenceOf(reason))))
  return row
}

/** @param {Attempt} attempt */
function attemptRow({ number, appId, taskId, openedAt, claimedAt, endedAt, endedState, removedAt, refusedWrites }) {
  const ended = endedAt === null ? [] : [' · ended ', moment(endedAt), ` ${endedState ?? ''}`]
  const refused = refusedWrites === 0 ? '' : ` · late writes refused: ${refusedWrites}`
  return el(
    'li',
    {},
    `${number} · opened `,
    moment(openedAt),
    ...(claimedAt === null ? [' · not claimed'] : [' · claimed ', moment(claimedAt)]),
    ...ended,
    ...(removedAt === null ? [] : [' · removed ', moment(removedAt)]),
    refused,
    el('br'),
    el('code', {}, appId),
    ' ',
    el('code', {}, taskId ?? ''),
  )
}
