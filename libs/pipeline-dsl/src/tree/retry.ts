import type { Duration } from './duration.ts'

/** How often something that failed is tried again, and after which pause. */
export interface Retry {
  /** 2 means up to three tries. */
  readonly retry?: number
  /** The pause before the second try; each further one is twice as long, up to five minutes. Default: none. */
  readonly backoff?: Duration
}
