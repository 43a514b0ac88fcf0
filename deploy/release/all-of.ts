/** Waits for all of them, also when one fails: nothing may still write to a folder that is about to be removed. */
export async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((settled) => settled.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
