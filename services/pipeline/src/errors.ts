import { defineErrors } from '@baton/model'

/** Every way the run-once process and the bundling of pipelines say no. */
export const errors = defineErrors({
  IMPORT_OUTSIDE_PIPELINE: {
    kind: 'invalid',
    says: '{file} imports "{import}", which is outside of the pipeline code',
    hint: 'a pipeline may import pipeline.ts, pipelines/**, pipeline/**, packages of node_modules and what Node brings',
  },
  BUNDLE_FAILED: { kind: 'invalid', says: 'the pipeline cannot be bundled: {message}' },
  PIPELINE_NOT_EXPORTED: {
    kind: 'invalid',
    says: 'the file has no pipeline as its default export',
    hint: "end it with: export default pipeline('name', [...])",
  },
  PIPELINE_LOADS_FOREVER: { kind: 'invalid', says: 'the file had not loaded after {seconds} s' },
  TASK_ENV_INVALID: { kind: 'invalid', says: 'this task was started with a wrong environment: {complaints}' },
  COMMIT_UNKNOWN: {
    kind: 'missing',
    says: 'the repository does not have commit {commit}',
    hint: 'it may be gone after a force-push; nothing else is built in its place',
  },
  CHECKOUT_FAILED: { kind: 'unavailable', says: 'git could not fetch the commit: {message}' },
  URL_REFUSED: { kind: 'invalid', says: 'the address of the repository is refused: {why}' },
})
