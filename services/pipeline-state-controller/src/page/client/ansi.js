/** How text looks from some point on. @typedef {{ color?: string, bold?: boolean, dim?: boolean, underline?: boolean }} Pen */
/** Text in one look. @typedef {{ text: string, pen: Pen }} Run */
/** `anew`: what the line was before counts no more. @typedef {{ runs: Run[], anew: boolean }} Line */

// ECMA-48: a control sequence, an operating system command, or a shorter escape. What is not colour is left out.
const sequence = /\x1b(?:\[([0-9;:]*)[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\-~])/
const sequenceOrReturn = new RegExp(`${sequence.source}|\\r`, 'g')
/** An escape whose end is not here yet; a return, which may only be half of a line end. */
const unfinished = /(?:\x1b(?:\[[0-9;:]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?)?|\r+)$/

/**
 * Reads output piece by piece into lines of coloured runs. A carriage return writes the line anew, as progress bars do;
 * other movements of a cursor are left out.
 */
export class AnsiReader {
  /** @type {Pen} */
  #pen = {}
  #rest = ''

  /**
   * @param {string} text
   * @param {boolean} [isLast] nothing follows: what is unfinished is shown as it is
   * @returns {Line[]} lines; the first one continues the line that the last piece ended with
   */
  read(text, isLast = false) {
    const whole = this.#rest + text
    const cut = isLast ? -1 : whole.search(unfinished)
    this.#rest = cut < 0 ? '' : whole.slice(cut)
    return (cut < 0 ? whole : whole.slice(0, cut)).split('\n').map((line) => this.#readLine(line))
  }

  /**
   * @param {string} text
   * @returns {Line}
   */
  #readLine(text) {
    const line = text.replace(/\r+$/, '')
    /** @type {Line} */
    const read = { runs: [], anew: false }
    let from = 0
    /** @param {number} to */
    const take = (to) => {
      const shown = line.slice(from, to).replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
      if (shown !== '') read.runs.push({ text: shown, pen: this.#pen })
    }
    for (const match of line.matchAll(sequenceOrReturn)) {
      take(match.index)
      from = match.index + match[0].length
      if (match[0] === '\r') Object.assign(read, { runs: [], anew: true })
      if (match[2] === 'm') this.#pen = nextPen(this.#pen, match[1] ?? '')
    }
    take(line.length)
    return read
  }
}

/**
 * @param {Pen} pen
 * @param {string} codes as in `ESC [ codes m`
 * @returns {Pen}
 */
function nextPen(pen, codes) {
  const numbers = codes.split(/[;:]/).map(Number)
  let next = { ...pen }
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0
    if (code === 0) next = {}
    else if (code === 1) next.bold = true
    else if (code === 2) next.dim = true
    else if (code === 4) next.underline = true
    else if (code === 22) next = { ...next, bold: false, dim: false }
    else if (code === 24) next.underline = false
    else if (code >= 30 && code <= 37) next.color = String(code - 30)
    else if (code >= 90 && code <= 97) next.color = String(code - 82)
    else if (code === 39) delete next.color
    else if (code === 38 || code === 48) {
      // One of 256 colours, or three bytes: only the first sixteen have a readable pair in both themes.
      const [kind, n = 16] = [numbers[at + 1], numbers[at + 2]]
      if (code === 38 && kind === 5 && n < 16) next.color = String(n)
      else if (code === 38) delete next.color
      at += kind === 5 ? 2 : 4
    }
  }
  return next
}
