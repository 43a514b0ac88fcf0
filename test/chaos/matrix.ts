import type { TriggerName } from './triggers.ts'
import type { Victim } from './victims.ts'

/** One crash: where, whose, and what makes the process come by there. */
export interface Row {
  readonly point: string
  readonly victim: Victim
  readonly trigger: TriggerName
  /** Who is stopped meanwhile, as by SIGSTOP: the other service that does the same work. */
  readonly without?: Victim
}

const rowsOf = (victim: Victim, trigger: TriggerName, points: readonly string[]): Row[] =>
  points.map((point) => ({ point, victim, trigger }))

/** Points that two services pass: one of them is stopped, so that the other comes by. */
const rowsOfOne = (victim: Victim, without: Victim, trigger: TriggerName, points: readonly string[]): Row[] =>
  rowsOf(victim, trigger, points).map((row) => ({ ...row, without }))

/** Commands of the controller, each with a point before and one after its commit. */
const commits = (trigger: TriggerName, commands: readonly string[]): Row[] =>
  commands.flatMap((command) => rowsOf('controller', trigger, [`${command}.before-commit`, `${command}.after-commit`]))

const placing = ['place.before-post', 'place.after-post', 'place.after-done'] as const
const removing = ['remove.before-delete', 'remove.after-delete', 'remove.after-done'] as const

const marathons: readonly Row[] = [
  ...rowsOf('marathon', 'push', ['local-marathon.store.before-append', 'local-marathon.store.after-append']),
  ...rowsOf('marathon', 'push', ['local-marathon.task.before-spawn', 'local-marathon.task.after-spawn']),
  ...rowsOf('marathon', 'push', ['local-marathon.task.before-end', 'local-marathon.task.after-end']),
  ...rowsOf('marathon', 'restartMarathon', ['local-marathon.store.before-rename']),
]

const others: readonly Row[] = [
  ...commits('push', ['deliver', 'take', 'resolve', 'placed', 'claim', 'seen', 'events', 'output', 'result']),
  ...commits('push', ['ended', 'removed']),
  ...rowsOf('spawner', 'push', ['hook.before-deliver', 'hook.after-deliver', ...placing, ...removing]),

  ...rowsOf('pipeline', 'push', ['claim.after-answer', 'journal.before-append', 'journal.after-append']),
  ...rowsOf('pipeline', 'push', ['result.before-post', 'result.after-post']),
  ...rowsOf('pipeline', 'newVersion', ['publish.after-bundle']),

  ...rowsOf('builder', 'push', ['hook.before-deliver', 'hook.after-deliver']),
  ...rowsOf('builder', 'push', ['resolve.before-done', 'resolve.after-done']),
  ...commits('newVersion', ['bundle', 'publish']),
  ...rowsOfOne('builder', 'spawner', 'newVersion', [...placing, ...removing]),
  ...rowsOf('builder', 'restartBuilder', ['announce.before-put']),

  ...commits('quietPush', ['look', 'observe']),
  ...rowsOfOne('spawner', 'builder', 'quietPush', ['sweep.before-done', 'sweep.after-done']),
  ...rowsOfOne('builder', 'spawner', 'quietPush', ['sweep.before-done', 'sweep.after-done']),
  ...commits('nothing', ['reconciled']),
  ...rowsOfOne('spawner', 'builder', 'nothing', ['reconcile.after-done']),
  ...rowsOfOne('builder', 'spawner', 'nothing', ['reconcile.after-done']),

  ...commits('register', ['register']),
  ...rowsOf('builder', 'register', ['register.before-add', 'register.after-add']),
  ...commits('unregister', ['unregister']),
  ...commits('start', ['start']),
  ...rowsOf('builder', 'start', ['start.before-start', 'start.after-start']),
  ...commits('kill', ['kill']),
  ...commits('retrigger', ['retrigger']),
  ...commits('setSecret', ['secret']),
  ...commits('addToken', ['token']),

  ...commits('restartController', ['settings', 'tidy']),

  // These are only reached when something is wrong already, so that is arranged.
  ...commits('stalledRemote', ['renew']),
  ...commits('awayRemote', ['release']),
  ...commits('killStopped', ['watch']),
]

/** A supervisor starts Marathon again the later the more often it died within half a minute: its deaths are spread. */
const gap = Math.floor(others.length / marathons.length)

/** Every crash point of the code at least once; those that two services pass, for each of the two. */
export const matrix: readonly Row[] = others.flatMap((row, at) => {
  const marathon = at % gap === gap - 1 ? marathons[(at + 1) / gap - 1] : undefined
  return marathon === undefined ? [row] : [row, marathon]
})
