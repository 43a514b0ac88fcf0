const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `1536` is `1.5 KiB`. */
export function sizeInWords(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const size = bytes / 2 ** (10 * power)
  return `${size >= 100 || power === 0 ? Math.round(size) : size.toFixed(1)} ${units[power]}`
}

const parts = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** The two largest units of a time: `93784` is `1 d 2 h`. */
export function timeInWords(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const words: string[] = []
  for (const [unit, size] of parts) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || words.length > 0) words.push(`${count} ${unit}`)
  }
  return words.slice(0, 2).join(' ') || '0 s'
}

/** A setting's or field's name as it is read: `drainMs` is `drain ms`. A unit that the value is shown with is left out. */
export function nameInWords(name: string): string {
  return name
    .replace(/(?<=.)(Bytes|Seconds)$/, '')
    .replace(/([a-z\d])([A-Z])/g, (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`)
}
