import { defineErrors } from '@baton/model'

/** Why work is given back to be tried again later. None of these is a failure of a build. */
export const errors = defineErrors({
  INSTALLATION_OTHER: {
    kind: 'conflict',
    says: 'the work is of installation {found}, this process belongs to {expected}: nothing was touched',
    hint: 'INSTALLATION and STATE_URL of this process do not belong together',
  },
  APP_NOT_OURS: { kind: 'conflict', says: 'app {appId} does not carry the labels of this attempt: it was not touched' },
  APP_VANISHED: { kind: 'unavailable', says: 'Marathon knew app {appId} and then did not: tried again' },
  APP_NOT_GONE: { kind: 'unavailable', says: 'app {appId} or its task is still there after {seconds} s' },
})
