import { defineErrors } from './errors.ts'

const word = '[a-z0-9]+(?:-[a-z0-9]+)*'
const slugPattern = new RegExp(`^${word}$`)
const pipelinePattern = new RegExp(`^~?${word}(?:/${word})?$`)
const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const stepIdPattern = /^\d{1,4}(?:\.\d{1,4}){0,15}$/

/** Longest slug of a repository, in characters. */
export const slugLengthMax = 32
/** Longest name of a pipeline beside the first one of a repository, in characters. */
export const pipelineNameLengthMax = 32
const appSegmentLengthMax = 54

export const idErrors = defineErrors({
  SLUG_INVALID: {
    kind: 'invalid',
    says: '"{slug}" cannot be the slug of a repository',
    hint: 'use lower-case letters, digits and single dashes, at most 32 characters',
  },
  PIPELINE_NAME_INVALID: {
    kind: 'invalid',
    says: '"{pipeline}" is not the name of a pipeline',
    hint: 'a pipeline is <slug>, <slug>/<name>, or ~<slug> for the meta-pipeline',
  },
  COMMIT_INVALID: { kind: 'invalid', says: '"{commit}" is not a full commit hash' },
})

export const isSlug = (text: string): boolean => text.length <= slugLengthMax && slugPattern.test(text)
export const isCommit = (text: string): boolean => text.length <= 64 && commitPattern.test(text)
export const isStepId = (text: string): boolean => text.length <= 80 && stepIdPattern.test(text)
export const isPipelineName = (text: string): boolean =>
  text.length <= slugLengthMax + pipelineNameLengthMax + 2 && pipelinePattern.test(text)

/** Reads a slug. @throws SLUG_INVALID */
export function readSlug(slug: string): string {
  if (!isSlug(slug)) throw idErrors.SLUG_INVALID({ slug: slug.slice(0, 80) })
  return slug
}

/** A slug made of the last part of a Git URL: `git@forge:shop/Todo_App.git` gives `todo-app`. */
export function slugOf(url: string): string {
  const last =
    url
      .replace(/\/+$/, '')
      .replace(/\.git$/i, '')
      .split(/[/:]/)
      .at(-1) ?? ''
  const slug = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, slugLengthMax)
  return slug.replace(/^-+|-+$/g, '') || 'repository'
}

/** The pipeline of a file: `pipeline.ts` is `<slug>`, `pipelines/deploy.ts` is `<slug>/deploy`. */
export function pipelineOf(slug: string, entryFile: string): string {
  const named = /^pipelines\/([^/]+)\.ts$/.exec(entryFile)
  return named?.[1] === undefined ? slug : `${slug}/${named[1]}`
}

/** The meta-pipeline that assembles `pipeline`: `todo/deploy` has `~todo/deploy`. */
export const metaPipelineOf = (pipeline: string): string => `~${pipeline}`
export const isMetaPipeline = (pipeline: string): boolean => pipeline.startsWith('~')
/** The repository a pipeline belongs to. */
export const slugOfPipeline = (pipeline: string): string => pipeline.replace(/^~/, '').split('/')[0] ?? pipeline

/** A build, written as people do: `todo#12`. */
export const buildId = (pipeline: string, number: number): string => `${pipeline}#${number}`

/** Reads `todo#12`, `todo/deploy#3` or `~todo#1`; anything else is `undefined`. */
export function findBuildId(text: string): { pipeline: string; number: number } | undefined {
  const match = /^(.{1,100})#(\d{1,9})$/.exec(text)
  if (match?.[1] === undefined || match[2] === undefined || !isPipelineName(match[1])) return undefined
  return { pipeline: match[1], number: Number(match[2]) }
}

/**
 * The Marathon app of one attempt: flat, never reused. No slug contains `--`, so `/` becomes `--` and `~` `meta---`
 * without two builds ever sharing an id; too long a name keeps its number and is shortened by a hash.
 */
export function appIdOf(installation: string, pipeline: string, number: number, attempt: number): string {
  const flat = pipeline.replace('~', 'meta---').replace('/', '--')
  const tail = `${number}-${attempt}`
  const room = appSegmentLengthMax - installation.length - tail.length - 2
  const name = flat.length <= room ? flat : `${flat.slice(0, room - 9).replace(/-+$/, '')}-${fnv1a(pipeline)}`
  return `/baton-builds/${installation}-${name}-${tail}`
}

/** Whether an app's id is that of a meta-build's attempt: no slug goes on like that. */
export const isMetaAppId = (installation: string, appId: string): boolean =>
  appId.startsWith(`/baton-builds/${installation}-meta---`)

/** FNV-1a, 32 bits, as 8 hex digits: tells names apart, protects nothing. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
