import { environOf, findKinship, type Kinship } from './proc.ts'

export const markerVariable = 'BATON_STEP'

/** Looks for the processes of a step, or of the whole run. */
export interface Search {
  /** `<nonce>:<step id>`, or `<nonce>:` for all steps. */
  readonly marker: string
  /** Sessions that our children lead. */
  readonly sessions: ReadonlySet<number>
}

/**
 * Those of `pids` that belong to it: they carry the marker in the environment they were started with, or live in a
 * session of ours, or descend from one that does. A process that called setsid keeps the marker; one that overwrote
 * its environment keeps its session or its parent.
 */
export function findKin(search: Search, pids: readonly number[]): number[] {
  const kin = new Set<number>()
  const kinships = new Map<number, Kinship>()
  for (const pid of pids) {
    if (pid === process.pid) continue
    const kinship = findKinship(pid)
    if (kinship === undefined || kinship.isZombie) continue
    kinships.set(pid, kinship)
    if (search.sessions.has(kinship.session) || isMarked(pid, search.marker)) kin.add(pid)
  }
  addDescendants(kin, kinships)
  return [...kin]
}

function isMarked(pid: number, marker: string): boolean {
  const entry = `${markerVariable}=${marker}`
  // A marker of one step ends here: `1` must not find `1.2` or `12`.
  return `\0${environOf(pid)}`.includes(`\0${entry}${marker.endsWith(':') ? '' : '\0'}`)
}

function addDescendants(kin: Set<number>, kinships: ReadonlyMap<number, Kinship>): void {
  let before = -1
  while (kin.size !== before) {
    before = kin.size
    for (const [pid, { parent }] of kinships) if (kin.has(parent)) kin.add(pid)
  }
}
