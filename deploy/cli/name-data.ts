/** Commands that speak to a platform, so that it matters which one is meant. */
const commands = /\bbaton (?=(?:up|down|status|login|repo|builds|build|log|start|kill|retrigger)\b)/g
const plain = /^[\w./~+-]+$/

/**
 * Whoever named a platform with --data is told commands that name it too: without it they would mean another one.
 * BATON_DATA and the nearest .baton count for the next command as well.
 */
export function createNamer(data: string | undefined): (text: string) => string {
  if (data === undefined) return (text) => text
  const named = plain.test(data) ? data : `'${data.replaceAll("'", "'\\''")}'`
  return (text) => text.replace(commands, () => `baton --data ${named} `)
}
