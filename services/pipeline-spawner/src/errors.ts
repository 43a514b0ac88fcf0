import { defineErrors } from '@baton/model'

/** Every no of this service's own; hooks have those of @baton/intake. */
export const errors = defineErrors({
  TOKEN_MISSING: {
    kind: 'unauthorized',
    says: 'a token is needed here',
    hint: 'send it as "Authorization: Bearer <token>"',
  },
})
