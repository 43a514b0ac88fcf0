import { join } from 'node:path'

/** The root of the checkout this program was made from. */
export const checkout = join(import.meta.dirname, '..')
