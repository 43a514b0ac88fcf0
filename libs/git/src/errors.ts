import { defineErrors } from '@baton/model'

/** Every way Git says no. */
export const gitErrors = defineErrors({
  URL_INVALID: {
    kind: 'invalid',
    says: '"{url}" cannot be used as the URL of a repository: {why}',
    hint: 'use https://, ssh://, git:// or user@host:path; file:// only where local repositories are allowed',
  },
  REMOTE_UNREACHABLE: {
    kind: 'unavailable',
    says: '{url} does not answer as a Git repository: {message}',
    hint: 'check the URL and that this machine may read it: git ls-remote {url}',
  },
  REMOTE_TOO_LARGE: { kind: 'invalid', says: '{url} answers more than is read: {what} is limited to {max}' },
  REF_UNKNOWN: { kind: 'missing', says: '{url} has no ref {ref}' },
  COMMIT_UNKNOWN: {
    kind: 'missing',
    says: '{url} has no commit {commit}',
    hint: 'push it first; a commit that no branch or tag reaches can only be read if the server allows it',
  },
  MIRROR_BROKEN: { kind: 'unavailable', says: 'the mirror of {url} was broken and is made anew: {message}' },
  GIT_FAILED: { kind: 'unavailable', says: 'git {command} failed: {message}' },
  GIT_TIMED_OUT: { kind: 'unavailable', says: 'git {command} did not end within {seconds} s' },
  GIT_OUTPUT_TOO_LARGE: { kind: 'invalid', says: 'git {command} printed more than {bytesMax} bytes' },
  GIT_MISSING: { kind: 'unavailable', says: 'git cannot be started: {message}', hint: 'install git on this machine' },
})
