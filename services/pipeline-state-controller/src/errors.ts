import { BatonError, defineErrors } from '@baton/model'

/** Every way this service says no. */
export const errors = defineErrors({
  TOKEN_MISSING: {
    kind: 'unauthorized',
    says: 'this needs a token',
    hint: 'send "Authorization: Bearer <token>"; the CLI finds the one that npm start made',
  },
  TOKEN_UNKNOWN: { kind: 'unauthorized', says: 'this token is not known, or was revoked' },
  TOKEN_FORBIDDEN: { kind: 'forbidden', says: 'a token with the role {role} may not do that' },
  TOKEN_NAME_TAKEN: { kind: 'conflict', says: 'there is a token named {name} already' },
  LINK_UNKNOWN: {
    kind: 'forbidden',
    says: 'this login link is not known, was used, or is too old',
    hint: 'a link works once, for ten minutes; make a new one',
  },

  REPOSITORY_EXISTS: {
    kind: 'conflict',
    says: '{what} is registered already, as {slug}',
    hint: 'remove {slug} first, or choose another slug',
  },
  REPOSITORY_UNKNOWN: { kind: 'missing', says: 'there is no repository {slug}' },
  DEFAULT_HEAD_MISSING: { kind: 'invalid', says: 'the heads do not name {ref}, which is to be built first' },
  SECRET_NAME_INVALID: {
    kind: 'invalid',
    says: '"{name}" cannot be the name of a secret',
    hint: 'use letters, digits and _, not a digit first, at most 64 characters; BATON_, MESOS_ and MARATHON_ are taken',
  },
  SECRET_UNKNOWN: { kind: 'missing', says: '{slug} has no secret {name}' },
  PIPELINE_FOREIGN: { kind: 'invalid', says: '{pipeline} is not a pipeline of {slug}' },
  ASSEMBLY_WRONG: { kind: 'invalid', says: 'the assembly of {pipeline} does not fit its version key or pipeline' },

  PIPELINE_NAME_WRONG: { kind: 'invalid', says: '"{pipeline}" is not the name of a pipeline' },
  BUILD_UNKNOWN: { kind: 'missing', says: 'there is no build {number} of {pipeline}' },
  BUILD_OVER: { kind: 'conflict', says: 'build {number} of {pipeline} is over: {status}' },
  BUILD_KILLED: { kind: 'conflict', says: 'build {number} of {pipeline} is to be killed' },
  VERSION_READY: { kind: 'conflict', says: 'the version that build {number} of {pipeline} assembled is ready' },
  OUTPUT_UNKNOWN: { kind: 'missing', says: 'there is no output of step {step} of {pipeline}#{number}' },

  TICKET_UNKNOWN: { kind: 'forbidden', says: 'this ticket does not fit' },
  CLAIM_TAKEN: { kind: 'conflict', says: 'attempt {attempt} of {pipeline}#{number} was claimed by another process' },
  CLAIM_TOO_EARLY: {
    kind: 'unavailable',
    says: 'Marathon has not confirmed attempt {attempt} of {pipeline}#{number} yet; secrets are given after that',
    hint: 'claim again in a moment',
  },
  PROTOCOL_UNSERVED: { kind: 'invalid', says: 'protocol {protocol} is not served here (served: {served})' },
  ATTEMPT_UNKNOWN: { kind: 'missing', says: 'there is no attempt {attempt} of {pipeline}#{number}' },
  ATTEMPT_FENCED: {
    kind: 'conflict',
    says: 'attempt {attempt} of {pipeline}#{number} may not write any more',
    hint: 'end yourself: the build is over, or another attempt took over',
  },
  EVENTS_GAP: { kind: 'conflict', says: 'event {want} is wanted next' },
  OUTPUT_GAP: { kind: 'conflict', says: 'byte {want} of step {step} is wanted next' },
  OUTPUT_TOO_MANY: { kind: 'invalid', says: 'an attempt may have the output of {max} steps' },
  STEP_INVALID: { kind: 'invalid', says: '"{step}" is not the id of a step' },

  WORK_UNKNOWN: { kind: 'missing', says: 'there is no work {id}' },
  WORK_MOVED_ON: { kind: 'conflict', says: 'work {id} was taken by another since epoch {epoch}, or given back' },
  OUTCOME_INVALID: { kind: 'invalid', says: 'this is not how work of the kind {kind} ends: {detail}' },

  VERSION_UNKNOWN: { kind: 'missing', says: 'there is no version {key}' },
  VERSION_FOREIGN: { kind: 'forbidden', says: 'this token may not publish {key}' },
  VERSION_SETTLED: { kind: 'conflict', says: 'version {key} is published already, with another bundle' },
  BUNDLE_UNKNOWN: { kind: 'missing', says: 'there is no such bundle, or its attempt is over' },
  BUNDLE_MISSING: { kind: 'conflict', says: 'the bundle {digest} is not stored: put its bytes first' },
  BUNDLE_INVALID: { kind: 'invalid', says: 'the bundle is empty or not base64' },
  META_PIPELINE_MISSING: { kind: 'missing', says: 'no meta-pipeline was put yet' },

  DATABASE_LOCKED: {
    kind: 'conflict',
    says: 'another process works with {path} already',
    hint: 'one controller works with one SQLite file; several need MongoDB',
  },
  DATABASE_NEWER: { kind: 'conflict', says: '{path} was written by a newer version of this service' },
  INSTALLATION_DIFFERS: {
    kind: 'conflict',
    says: 'this database belongs to installation {stored}, not to {given}',
    hint: 'give the right INSTALLATION, or another DATA_DIR',
  },
  MASTER_KEY_WRONG: { kind: 'conflict', says: 'this database was written with another MASTER_KEY' },
})

/** What has to be stored before a result is accepted: the next event, and for each step that lacks some its next byte. */
export function resultIncomplete(events: number, outputs: Readonly<Record<string, number>>): BatonError {
  const says = `the result names more than is stored: event ${events} is wanted next`
  return new BatonError('RESULT_INCOMPLETE', 'conflict', says, { fields: { events, outputs } })
}
