import type { BuilderClient } from '../../deploy/builder-client.ts'
import type { Answer } from './ask.ts'
import type { CommitOptions, Files, GitRepository, Moved } from './git-repository.ts'
import { type HookOptions, sendHook } from './hook.ts'

/** A registered repository: what a team has. */
export interface Repository {
  readonly slug: string
  readonly git: GitRepository
  readonly hookSecret: string
  /** The head that it was registered with. */
  readonly firstCommit: string
  /** Commits, pushes, and tells the platform by a signed hook. @returns the commit, once its entry is durable */
  push(files: Files, options?: CommitOptions): Promise<string>
  /** The same without a word to anybody. */
  pushQuietly(files: Files, options?: CommitOptions): Promise<string>
  /** Tells of every move of a ref since the last time. */
  tell(): Promise<void>
  /** One hook, signed unless `options` say otherwise. */
  hook(moved: Moved, options?: HookOptions): Promise<Answer>
}

export interface RepositoryParts {
  readonly builder: BuilderClient
  /** Where hooks are sent to. */
  readonly hookUrl: string
}

export interface RegisterOptions {
  readonly slug?: string
  readonly refs?: string[]
  readonly every?: 'head' | 'commit'
}

/** Registers a Git repository that has a commit, through the Builder, as a person does. */
export async function registerRepository(
  { builder, hookUrl }: RepositoryParts,
  git: GitRepository,
  options: RegisterOptions = {},
): Promise<Repository> {
  // What was pushed before is the baseline: nobody is told of it.
  git.takeMoves()
  const { slug, hookSecret = '' } = await builder.register({ url: git.url, slug: git.name, ...options })
  const firstCommit = await git.git('rev-parse', 'HEAD')
  const hook = (moved: Moved, given: HookOptions = { secret: hookSecret }) => sendHook(hookUrl, slug, moved, given)
  const tell = async () => {
    for (const moved of git.takeMoves()) {
      const { status, text } = await hook(moved)
      if (status !== 200) throw new Error(`the hook of ${slug} was answered ${status}: ${text}`)
    }
  }
  const push = async (files: Files, commitOptions?: CommitOptions) => {
    const commit = await git.commit(files, commitOptions)
    await tell()
    return commit
  }
  return {
    slug,
    git,
    hookSecret,
    firstCommit,
    push,
    pushQuietly: (files, given) => git.commit(files, given),
    tell,
    hook,
  }
}
