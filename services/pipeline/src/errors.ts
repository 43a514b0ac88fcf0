import { defineErrors } from '@baton/model'

/** Every way the run-once process and the bundling of pipelines say no. */
export const errors = defineErrors({
  IMPORT_OUTSIDE_PIPELINE: {
    kind: 'invalid',
    says: '{file} imports "{import}", which is outside of the pipeline code',
    hint: 'a pipeline may import pipeline.ts, pipelines/**, pipeline/**, packages of node_modules and what Node brings',
  },
  IMPORT_MISSING: {
    kind: 'invalid',
    says: '{place}: "{import}" is imported, but it is not there',
    hint: 'mend the path, or install the package: it has to stand in package.json and in its lockfile',
  },
  TYPE_CHECK_FAILED: {
    kind: 'invalid',
    says: 'the pipeline does not type-check:\n{message}',
    hint: 'a meta-build says the same; "baton run --no-check" runs it all the same',
  },
  BUNDLE_FAILED: { kind: 'invalid', says: 'the pipeline cannot be bundled: {message}' },
  PIPELINE_NOT_EXPORTED: {
    kind: 'invalid',
    says: '{file} has no pipeline as its default export',
    hint: "end it with: export default pipeline('name', [...])",
  },
  PIPELINE_LOAD_FAILED: {
    kind: 'invalid',
    says: '{place}: {name} was thrown while the pipeline was loaded: {message}',
    hint: 'a pipeline is loaded before its commit is checked out, without variables and secrets: what needs them belongs into the function of a step',
  },
  PIPELINE_LOADS_FOREVER: {
    kind: 'invalid',
    says: '{file} had not loaded after {seconds} s: it waits for something, or never pauses',
    hint: 'look for an await, or a loop, that stands outside of any function; what takes its time belongs into the function of a step',
  },
  PIPELINE_ENDS_ITSELF: {
    kind: 'invalid',
    says: '{file} ended the process while it was loaded',
    hint: 'a pipeline must not call process.exit: a step that throws makes the build red',
  },
  STEP_NEVER_PAUSES: {
    kind: 'conflict',
    says: 'the time of step {step} is over, and its code never pauses: everything was ended, without finally',
    hint: 'let its loop await something, or run what computes for long as a command: sh`node compute.js`',
  },
  TASK_ENV_INVALID: { kind: 'invalid', says: 'this task was started with a wrong environment: {complaints}' },
  COMMIT_UNKNOWN: {
    kind: 'missing',
    says: 'the repository does not have commit {commit}',
    hint: 'it may be gone after a force-push; nothing else is built in its place',
  },
  CHECKOUT_FAILED: { kind: 'unavailable', says: 'git could not fetch the commit: {message}' },
  URL_REFUSED: { kind: 'invalid', says: 'the address of the repository is refused: {why}' },
})
