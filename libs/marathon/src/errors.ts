import { defineErrors } from '@baton/model'

/** Every way Marathon says no, by what it is: what Marathon calls it differs between its versions. */
export const errors = defineErrors({
  MARATHON_UNREACHABLE: {
    kind: 'unavailable',
    says: 'Marathon at {url} does not answer: {reason}',
    hint: 'check that it runs and that the address is right; the request may be repeated',
  },
  MARATHON_REFUSED: { kind: 'invalid', says: 'Marathon refused the request ({status}): {reason}' },
  MARATHON_MISSING: { kind: 'missing', says: 'Marathon has no such thing: {reason}' },
  MARATHON_LOCKED: {
    kind: 'conflict',
    says: 'a running deployment holds the app: {reason}',
    hint: 'wait until it is done, or override it',
  },
  MARATHON_FULL: {
    kind: 'limited',
    says: 'Marathon runs as many deployments as it may: {reason}',
    hint: 'wait until some are done',
  },
  MARATHON_UNAUTHORIZED: {
    kind: 'unauthorized',
    says: 'Marathon at {url} does not accept this user and password ({status})',
    hint: 'check the user and the password for Marathon',
  },
})
