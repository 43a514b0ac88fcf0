import type { Checkout } from './checkout.ts'

/** One habit of ours as a question to the checkout: what breaks it, a line each. Nothing: it is kept. */
export type Rule = (checkout: Checkout) => string[]

/** An exception, with its reason. One that nothing needs any more is a complaint of its own: such tables only shrink. */
export interface Exception {
  readonly path: string
  readonly because: string
}

/** Leaves out what `exceptions` allow, and names those that allow nothing. A path that ends with a slash is a folder. */
export function except(found: readonly { path: string; says: string }[], exceptions: readonly Exception[]): string[] {
  const unused = new Set(exceptions)
  const complaints = found.filter(({ path }) => {
    const exception = exceptions.find(
      (one) => one.path === path || (one.path.endsWith('/') && path.startsWith(one.path)),
    )
    if (exception) unused.delete(exception)
    return !exception
  })
  return [
    ...complaints.map(({ path, says }) => `${path}: ${says}`),
    ...[...unused].map(({ path }) => `${path}: needs no exception any more, strike it`),
  ]
}
