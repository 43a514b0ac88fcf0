import { defineErrors } from '@baton/model'

/** Every way a hook is refused. */
export const intakeErrors = defineErrors({
  FORGE_UNKNOWN: {
    kind: 'missing',
    says: 'there is no hook for "{forge}"',
    hint: 'POST to one of {known}',
  },
  HOOK_MALFORMED: { kind: 'invalid', says: 'this is not a hook of {forge}: {why}' },
  HOOK_FORGED: {
    kind: 'unauthorized',
    says: 'the signature of this hook is not the one of {repository}',
    hint: 'the secret is the one that the registration answered with; the State-Controller shows it to administrators',
  },
  REPOSITORY_UNKNOWN: {
    kind: 'missing',
    says: 'no registered repository has the URL or slug {names}',
    hint: 'register it first, or name it: ?repository=<slug>',
  },
})
