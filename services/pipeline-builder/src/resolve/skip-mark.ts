const skipMarks = /\[(?:skip ci|ci skip|no ci)\]/i

/** What in a commit's message says that it is not to be built; `undefined` if nothing does. */
export function findSkipMark(message: string): string | undefined {
  return skipMarks.exec(message)?.[0]
}
