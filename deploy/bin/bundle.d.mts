/** The root of the checkout. */
export const checkout: string
/** The bundle of a .ts entry, made if it is stale. @returns absolute path of a file to import */
export function bundleOf(entry: string, options: { packages: 'bundle' | 'external' }): Promise<string>
