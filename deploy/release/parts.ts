/** What a release is made of: one file for each process, from one entry. */
export const processes = [
  { name: 'pipeline-state-controller', entry: 'services/pipeline-state-controller/src/main.ts' },
  { name: 'pipeline-builder', entry: 'services/pipeline-builder/src/main.ts' },
  { name: 'pipeline-spawner', entry: 'services/pipeline-spawner/src/main.ts' },
  { name: 'local-marathon', entry: 'libs/local-marathon/src/main.ts' },
] as const

export type ProcessName = (typeof processes)[number]['name']

/** What a process runs on besides its own file: a change of it is a change of the process. */
const alsoRunsOn: Partial<Record<ProcessName, readonly string[]>> = {
  'pipeline-state-controller': ['node_modules'],
  'pipeline-builder': ['toolchain'],
}

/** Files and folders of a release that `name` runs on, relative to the release. */
export const pathsOf = (name: ProcessName): readonly string[] => [`${name}.mjs`, ...(alsoRunsOn[name] ?? [])]
