import { defineErrors } from '@baton/model'

/** What this client says itself. Every other no is the controller's own, with its code. */
export const stateErrors = defineErrors({
  STATE_UNREACHABLE: {
    kind: 'unavailable',
    says: 'the State-Controller at {url} gave no answer: {why}',
    hint: 'nothing is known to have been done; the same call may be made again',
  },
  STATE_ANSWER_UNREADABLE: {
    kind: 'unavailable',
    says: 'the State-Controller at {url} answered {status} with something that cannot be read: {why}',
  },
})
