import type { AttemptName, Writer } from '../attempts/attempt-store.ts'

/** A piece of an output. `ended`: the step is over and `total` will not grow. */
export interface OutputPiece {
  readonly bytes: Buffer
  readonly total: number
  readonly ended: boolean
}

/** What steps printed, byte for byte. Stored in chunks beside the builds, never in them. */
export interface OutputStore {
  /**
   * Appends at `offset`. Known bytes are passed over.
   * @returns the offset wanted next
   * @throws OUTPUT_GAP, ATTEMPT_FENCED, STEP_INVALID, OUTPUT_TOO_MANY
   */
  append(name: AttemptName, step: string, offset: number, bytes: Buffer, writer: Writer, now: Date): Promise<number>
  /** Bytes from `offset`, `limitBytes` at most; of the newest attempt unless one is named. @throws BUILD_UNKNOWN, OUTPUT_UNKNOWN */
  read(
    build: { pipeline: string; number: number; attempt?: number | undefined },
    step: string,
    range: { offset: number; limitBytes: number },
  ): Promise<OutputPiece>
}

/** Steps of one attempt that may have output. */
export const outputStepsMax = 10_000
