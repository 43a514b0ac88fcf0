import { defineErrors } from '@baton/model'

/** Every way the library and its engine say no. */
export const errors = defineErrors({
  PIPELINE_INVALID: { kind: 'invalid', says: '{where}: {complaint}' },
  STEP_UNKNOWN: {
    kind: 'invalid',
    says: 'the simulation names step "{step}"; there are: {steps}',
    hint: 'name a step as the pipeline does, and with its groups where there is more than one: verify/test',
  },
  USE_UNKNOWN: {
    kind: 'invalid',
    says: 'step "{step}" is used, but is not part of this pipeline',
    hint: 'put the step into the list before the step that uses it',
  },
  USE_TOO_EARLY: {
    kind: 'invalid',
    says: 'step "{step}" has no value here: it is {status}',
    hint: 'only a step that has ended with success has a value',
  },
  RESULT_NOT_JSON: {
    kind: 'invalid',
    says: 'what the step returned cannot be kept: {path} is {what}',
    hint: 'return plain JSON: objects, arrays, strings, finite numbers, booleans, null',
  },
  SH_VALUE: {
    kind: 'invalid',
    says: 'a value in sh`...` is {what}',
    hint: 'strings, finite numbers, booleans and lists of them become shell words; nothing else does',
  },
  SH_QUOTED: {
    kind: 'invalid',
    says: 'sh`...` has a value {where}, where it cannot be quoted safely',
    hint: 'values are quoted for you: let them stand alone, without quotes around, or pass them with the env option of sh',
  },
  SH_TOO_LONG: {
    kind: 'invalid',
    says: 'the shell command has {bytes} bytes, the limit is {max}',
    hint: 'write long input to a file first',
  },
  SH_INSIDE: {
    kind: 'invalid',
    says: 'the imported sh was called inside of the running step "{step}"',
    hint: "take sh from the argument of the step's function; the imported one only makes a value for step(name, sh`...`)",
  },
  SH_FAILED: { kind: 'conflict', says: '{command} ended with code {code}' },
  SH_SIGNALLED: { kind: 'conflict', says: '{command} was ended by {signal}' },
  SH_TIMED_OUT: { kind: 'conflict', says: '{command} ran longer than {seconds} s' },
  SH_TEXT_TOO_LONG: {
    kind: 'invalid',
    says: 'the command printed more than {max} bytes, so its text was not kept in memory',
    hint: 'write it to a file, or do not use .text; the output of the step itself is whole',
  },
  STEP_OVER: { kind: 'conflict', says: 'step "{step}" is over; nothing more is started for it' },
  SECRET_UNKNOWN: {
    kind: 'missing',
    says: 'there is no secret {name}',
    hint: 'set it with: baton repo secret set <slug> {name}; "baton run" takes it from the variable BATON_SECRET_{name}',
  },
})
