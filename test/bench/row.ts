import type { StartedPlatform } from '../platform/start-platform.ts'
import type { Measured } from './measured.ts'

/** Measures one promise of the platform, on a platform of its own. */
export interface Row {
  readonly name: string
  measure(place: Place): Promise<Measured[]>
}

export interface Place {
  readonly platform: StartedPlatform
  /** A folder for what the floors do. */
  readonly dir: string
  /** Says what goes on, for whoever waits. */
  progress(text: string): void
}

/** A row that measures one part alone: a platform beside it would only disturb. */
export interface LoneRow {
  readonly name: string
  readonly needs: 'nothing'
  measure(place: Omit<Place, 'platform'>): Promise<Measured[]>
}
