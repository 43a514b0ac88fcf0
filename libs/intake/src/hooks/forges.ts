import { findList, findText, findValue } from './body.ts'
import { type Change, type Push, pushOf, readChange } from './changes.ts'
import { hmacSigned, type Signed, tokenSigned } from './signature.ts'

/** A header of the request by its lower-case name. */
export type Header = (name: string) => string | undefined

/** How one forge tells of a push. */
export interface Forge {
  /** What the hook is about: only a push has changes; anything else is answered and forgotten. */
  event(header: Header, body: unknown): 'push' | 'other'
  /** The delivery's id: the same when the forge sends it again. */
  delivery(header: Header): string | undefined
  signed(header: Header, raw: Buffer, secret: string): Signed
  push(body: unknown, header: Header): Push
}

const only =
  (name: string, ...events: string[]) =>
  (header: Header): 'push' | 'other' =>
    events.includes(header(name) ?? events[0] ?? '') ? 'push' : 'other'

/** Every forge that is understood: a new one is an entry here. */
export const forges: Readonly<Record<string, Forge>> = {
  // docs.github.com: Webhook events and payloads, Validating webhook deliveries.
  github: {
    event: only('x-github-event', 'push'),
    delivery: (header) => header('x-github-delivery'),
    signed: (header, raw, secret) => hmacSigned(header('x-hub-signature-256'), 'sha256=', raw, secret),
    push: githubPush,
  },
  // docs.gitlab.com: Webhook events (push, tag push); the secret itself is sent.
  gitlab: {
    event: gitlabEvent,
    // A push that another hook caused has the same event id as that hook's own push: the ref and hash tell them apart.
    delivery: (header) => header('idempotency-key') ?? header('x-gitlab-event-uuid'),
    signed: (header, _raw, secret) => tokenSigned(header('x-gitlab-token'), secret),
    push: gitlabPush,
  },
  // docs.gitea.com: Webhooks. A deleted branch is no push there.
  gitea: {
    event: only('x-gitea-event', 'push', 'delete'),
    delivery: (header) => header('x-gitea-delivery'),
    signed: (header, raw, secret) => hmacSigned(header('x-gitea-signature'), '', raw, secret),
    push: (body, header) => (header('x-gitea-event') === 'delete' ? giteaDelete(body) : githubPush(body)),
  },
  // support.atlassian.com: Event payloads (Cloud: repo:push; Data Center: repo:refs_changed), Secure webhooks.
  bitbucket: {
    event: only('x-event-key', 'repo:push', 'repo:refs_changed'),
    delivery: (header) => header('x-request-uuid') ?? header('x-request-id'),
    signed: (header, raw, secret) => hmacSigned(header('x-hub-signature'), 'sha256=', raw, secret),
    push: bitbucketPush,
  },
  // Ours, for everything else: {repository, ref, before, after}.
  generic: {
    event: () => 'push',
    delivery: (header) => header('x-baton-delivery'),
    signed: (header, raw, secret) => hmacSigned(header('x-baton-signature'), 'sha256=', raw, secret),
    push: (body) =>
      pushOf(
        [findText(body, 'repository')],
        readChange(findText(body, 'ref'), findValue(body, 'before'), findValue(body, 'after')),
      ),
  },
}

// A system hook of GitLab tells of everything, by one header.
function gitlabEvent(header: Header, body: unknown): 'push' | 'other' {
  const kind = findText(body, 'object_kind') ?? findText(body, 'event_name') ?? 'push'
  if (kind !== 'push' && kind !== 'tag_push') return 'other'
  return only('x-gitlab-event', 'Push Hook', 'Tag Push Hook', 'System Hook')(header)
}

function githubPush(body: unknown): Push {
  const names = ['clone_url', 'ssh_url', 'git_url', 'html_url', 'url'].map((name) => findText(body, 'repository', name))
  const ref = findText(body, 'ref')
  return pushOf(names, readChange(ref, findValue(body, 'before'), afterOf(body, ref, ['head_commit', 'id'])))
}

function gitlabPush(body: unknown): Push {
  const names = ['git_http_url', 'git_ssh_url', 'web_url', 'http_url', 'ssh_url', 'url'].flatMap((name) => [
    findText(body, 'project', name),
    findText(body, 'repository', name),
  ])
  const ref = findText(body, 'ref')
  return pushOf(names, readChange(ref, findValue(body, 'before'), afterOf(body, ref, ['checkout_sha'])))
}

// An annotated tag is an object of its own; what is built is the commit that it names.
function afterOf(body: unknown, ref: string | undefined, commitPath: string[]): unknown {
  const after = findValue(body, 'after')
  const deleted = typeof after === 'string' && /^0+$/.test(after)
  if (deleted || ref?.startsWith('refs/tags/') !== true) return after
  return findText(body, ...commitPath) ?? after
}

function giteaDelete(body: unknown): Push {
  const { names } = githubPush(body)
  const ref = findText(body, 'ref') ?? ''
  const kind = findText(body, 'ref_type') === 'tag' ? 'tags' : 'heads'
  return pushOf([...names], readChange(ref.startsWith('refs/') ? ref : `refs/${kind}/${ref}`, null, null))
}

function bitbucketPush(body: unknown): Push {
  const fullName = findText(body, 'repository', 'full_name')
  const clones = findList(body, 'repository', 'links', 'clone') ?? []
  const names = [
    findText(body, 'repository', 'links', 'html', 'href'),
    fullName === undefined ? undefined : `https://bitbucket.org/${fullName}`,
    ...clones.map((link) => findText(link, 'href')),
  ]
  const listed = findList(body, 'push', 'changes') ?? findList(body, 'changes')
  if (listed === undefined) return pushOf(names, 'it has no changes')
  const read = listed.slice(0, changesMax).map(bitbucketChange)
  const wrong = read.find((one) => typeof one === 'string')
  return pushOf(names, wrong ?? read.flatMap((one): Change[] => (typeof one === 'string' ? [] : one)))
}

/** Most refs of one hook, as the wire has it. */
export const changesMax = 1000

function bitbucketChange(change: unknown): Change[] | string {
  const serverRef = findText(change, 'ref', 'id')
  if (serverRef !== undefined) return readChange(serverRef, findValue(change, 'fromHash'), findValue(change, 'toHash'))
  const side = findText(change, 'new', 'name') === undefined ? 'old' : 'new'
  const kind = findText(change, side, 'type') === 'tag' ? 'tags' : 'heads'
  const hash = (which: string) => findValue(change, which, 'target', 'hash')
  return readChange(`refs/${kind}/${findText(change, side, 'name') ?? ''}`, hash('old'), hash('new'))
}
