import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StepContext } from '@baton/pipeline'
import type { CheckoutBody } from '@baton/pipeline/engine'
import { pause } from '../attempt/line.ts'
import { errors } from '../errors.ts'
import { checkUrl } from './check-url.ts'
import { createGitEnv, writeEmptyRepository } from './git-env.ts'

export interface CheckoutSettings {
  readonly url: string
  readonly allowLocalGit: boolean
  readonly paths: { readonly spool: string }
}

type Depth = number | 'all'
/** One way to get a commit: what is asked for, in words of `git fetch`. */
type Way = (from: { commit: string; ref: string; depth: Depth }) => readonly string[]

const depthOf = (depth: Depth): string[] => (depth === 'all' ? [] : ['--depth', String(depth)])
const byHash: Way = ({ commit, depth }) => [...depthOf(depth), 'URL', commit]
const byRef: Way = ({ ref, depth }) => [...depthOf(depth), 'URL', ref]
/** Git's own word for infinite; `--unshallow` would be refused where nothing is shallow yet. */
const wholeHistory = ['--depth', '2147483647']
const everything: Way = () => [
  ...wholeHistory,
  'URL',
  '+refs/heads/*:refs/remotes/origin/*',
  '+refs/tags/*:refs/tags/*',
]

/** What git says when the server does not give out a commit by its hash, or the ref has moved on meanwhile. */
const notThatWay =
  /not our ref|unadvertised object|does not allow request|couldn't find remote ref|reference is not a tree|unable to read tree|did not match any|not a tree object|bad object|shallow file|did not send all necessary/i
const triesMax = 3
const firstPauseMs = 1000

/** The checkout of one commit, by its hash: that one or none. */
export function createCheckout(settings: CheckoutSettings): CheckoutBody {
  return async (context, { depth = 1, submodules = false }) => {
    const { commit, ref } = context.build
    context.log(`checkout ${commit} of ${ref}`)
    checkUrl(settings.url, settings.allowLocalGit)
    const env = createGitEnv(join(settings.paths.spool, 'git'), settings.allowLocalGit)
    rmSync(join(context.cwd, '.git'), { recursive: true, force: true })
    writeEmptyRepository(context.cwd, commit)
    const ways = depth === 'all' ? [everything, byHash] : [byHash, byRef, everything]
    for (const way of ways) {
      if (!(await tryWay(way({ commit, ref, depth }), context, settings.url, env))) continue
      return submodules ? await bringSubmodules(context, settings.url, env) : undefined
    }
    throw errors.COMMIT_UNKNOWN({ commit })
  }
}

/** @returns whether the commit is there now. @throws CHECKOUT_FAILED when the remote cannot be reached */
async function tryWay(
  way: readonly string[],
  context: StepContext,
  url: string,
  env: Record<string, string>,
): Promise<boolean> {
  for (let tried = 1; ; tried += 1) {
    const text = await fetchAndCheckOut(way, context, url, env)
    if (text === undefined) return isHead(context)
    if (notThatWay.test(text)) return false
    if (tried >= triesMax) throw errors.CHECKOUT_FAILED({ message: complaintOf(text) })
    await pause(firstPauseMs * tried, context.signal)
    context.log(`--- that failed; try ${tried + 1} of ${triesMax} ---`)
  }
}

/** Two git processes in one shell. @returns what they said if they failed */
async function fetchAndCheckOut(
  way: readonly string[],
  context: StepContext,
  url: string,
  env: Record<string, string>,
): Promise<string | undefined> {
  const at = way.indexOf('URL')
  const [options, refs] = [way.slice(0, at), way.slice(at + 1)]
  const shown = await context.sh({ env, allow: everyCode })`exec 2>&1
    git fetch --quiet --no-tags --no-recurse-submodules --no-auto-maintenance ${options} -- ${url} ${refs}
    git checkout --quiet --force --detach ${context.build.commit} --`
  return shown.code === 0 ? undefined : shown.text
}

/** Submodules are named by addresses of their own, or relative to ours. Shallow where their server gives out hashes. */
async function bringSubmodules(context: StepContext, url: string, env: Record<string, string>): Promise<void> {
  const origin = `remote.origin.url=${url}`
  const shown = await context.sh({ env, allow: everyCode })`exec 2>&1
    git -c ${origin} submodule --quiet update --init --recursive --depth 1 ||
    git -c ${origin} submodule --quiet update --init --recursive`
  if (shown.code !== 0) throw errors.CHECKOUT_FAILED({ message: complaintOf(shown.text) })
}

const everyCode = Array.from({ length: 256 }, (_, code) => code)

/** A detached HEAD is a file with the hash in it. */
const isHead = ({ cwd, build }: StepContext): boolean =>
  readFileSync(join(cwd, '.git', 'HEAD'), 'latin1').trim() === build.commit

/** What went wrong, in Git's words: its first complaint; advice follows it. */
function complaintOf(text: string): string {
  const lines = text.trim().split('\n')
  return (lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300)
}
