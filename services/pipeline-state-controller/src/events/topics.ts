/** The topics of the events, by what changed. */
export const topics = {
  overview: 'overview',
  repositories: 'repositories',
  pipeline: (pipeline: string) => `pipeline:${pipeline}`,
  build: (pipeline: string, number: number) => `build:${pipeline}#${number}`,
  ledger: (slug: string) => `ledger:${slug}`,
} as const

/** Longest topic and most topics that one stream may ask for. */
export const topicLengthMax = 120
export const topicsMax = 50

/** Whether an event with these topics is wanted. No topics at all: everything is. `ledger:*` is every ledger. */
export function isWanted(wanted: readonly string[], of: readonly string[]): boolean {
  if (wanted.length === 0) return true
  return wanted.some((topic) =>
    topic.endsWith(':*') ? of.some((one) => one.startsWith(topic.slice(0, -1))) : of.includes(topic),
  )
}
