/** How much of a compiler's output stands in a version's message, in bytes. */
export const messageBytesMax = 2_048

const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/** The end of an output as plain text: whole lines, no colours, no control characters. */
export function messageOf(tail: Buffer): string {
  const cut = tail.length > messageBytesMax
  const text = tail
    .subarray(-messageBytesMax)
    .toString('utf8')
    .replace(ansi, '')
    .replace(/\r\n/g, '\n')
    .replace(control, '')
  return (cut ? text.slice(text.indexOf('\n') + 1) : text).trim()
}
