import { defineErrors } from '@baton/model'

/** The shortest pipeline there is, for whoever has none yet. */
export const firstPipeline = `import { checkout, pipeline, sh, step } from '@baton/pipeline'
export default pipeline('first', [
  checkout(),
  step('test', sh\`npm test\`),
])`

/** Every way this service says no, beside those of Git, of hooks and of the State-Controller. */
export const errors = defineErrors({
  TOKEN_MISSING: {
    kind: 'unauthorized',
    says: 'this needs a token',
    hint: 'send Authorization: Bearer <token>; the one of `baton up` lies in its data folder',
  },
  TOKEN_FORBIDDEN: {
    kind: 'forbidden',
    says: 'a token of the role {role} may not do that',
    hint: 'use an admin token',
  },
  EMPTY_REPOSITORY: {
    kind: 'invalid',
    says: '{url} has no commit on a default branch yet',
    hint: 'push a first commit with a pipeline.ts, and register again',
  },
  PIPELINE_MISSING: {
    kind: 'invalid',
    says: '{ref} of {url} has neither a pipeline.ts nor a pipelines/<name>.ts',
    hint: 'commit a pipeline.ts such as:\n\n{example}',
  },
  PIPELINES_TOO_MANY: { kind: 'invalid', says: '{commit} has {count} pipelines; a repository may have {max}' },
  PIPELINE_UNKNOWN: { kind: 'missing', says: '{commit} has no pipeline {pipeline}', hint: 'it has: {known}' },
  REF_PATTERN_INVALID: {
    kind: 'invalid',
    says: '"{pattern}" is not a pattern of refs',
    hint: 'use a branch name, or a pattern of full names such as refs/heads/release/*',
  },
  TOOLCHAIN_UNKNOWN: { kind: 'missing', says: 'there is no toolchain {digest} here' },
  TOOLCHAIN_UNREADABLE: {
    kind: 'unavailable',
    says: 'the toolchain in {dir} cannot be read: {message}',
    hint: 'TOOLCHAIN_DIR has to name the toolchain folder of a release',
  },
})
