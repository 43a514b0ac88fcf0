/** @import { Line } from './ansi.js' */
import { AnsiReader } from './ansi.js'
import { ask } from './api.js'
import { el } from './dom.js'

/** So much is asked for at once, and so much is on the page at most: a browser must not hold 100 MB of text. */
const pieceBytes = 65_536
const windowBytes = 4 * pieceBytes
const newline = 10

/**
 * A window on the output of one step: its end, which grows when more is announced, or something before it.
 * @param {string} path of the output in the API
 * @param {number} bytes how many there are now
 */
export function outputPanel(path, bytes) {
  const text = el('div', { class: 'lines' })
  const earlier = el('button', { type: 'button', hidden: true }, 'Earlier')
  const back = el('button', { type: 'button', hidden: true }, 'To the end')
  const note = el('p', { class: 'muted' })
  const looks = { class: 'output', tabindex: 0, role: 'region', 'aria-label': 'Output' }
  const panel = el('div', looks, earlier, text, note, back)
  let [total, isOver, isReading] = [bytes, false, false]
  /** The window is read from `next` up to `until`. */
  let [windows, next, until] = [0, 0, Number.POSITIVE_INFINITY]
  let [reader, decoder] = [new AnsiReader(), new TextDecoder()]

  /** Where the window begins. */
  const from = () => Number(text.firstElementChild?.getAttribute('data-from') ?? next)
  const openAt = (/** @type {number} */ offset, end = Number.POSITIVE_INFINITY) => {
    ;[windows, next, until] = [windows + 1, Math.max(0, offset), end]
    ;[reader, decoder] = [new AnsiReader(), new TextDecoder()]
    text.replaceChildren()
    back.hidden = end === Number.POSITIVE_INFINITY
  }
  /** @returns whether there was something to read */
  const readPiece = async () => {
    const [limit, window] = [Math.min(pieceBytes, until - next), windows]
    const answer = await ask(`${path}?offset=${next}&limit=${limit}`)
    const piece = new Uint8Array(await answer.arrayBuffer())
    total = Math.max(total, Number(answer.headers.get('x-baton-output-total')))
    // Another window was opened meanwhile.
    if (window !== windows) return true
    const isLast = isOver && next + piece.length >= total
    const isAtEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 40
    // What comes before the first line end belongs to the piece before; without one, to a line that is not shown.
    const rest = piece.indexOf(newline) + 1
    const isCut = text.childElementCount === 0 && next > 0
    const lines = reader.read(decoder.decode(isCut ? piece.subarray(rest) : piece, { stream: !isLast }), isLast)
    addPiece(text, next === 0 ? 0 : next + rest, lines)
    next += piece.length
    while (next - from() > windowBytes && text.childElementCount > 1) text.firstElementChild?.remove()
    earlier.hidden = from() === 0
    if (isAtEnd && until > total) panel.scrollTop = panel.scrollHeight
    return piece.length > 0
  }
  /** Reads until there is no more. What is announced meanwhile is read too. */
  const readOn = async () => {
    note.textContent = total > 0 ? '' : isOver ? 'It wrote nothing.' : 'No output yet.'
    if (isReading) return
    isReading = true
    try {
      while (next < Math.min(total, until)) {
        // Who is far behind what is written now looks at its end, not at everything in between.
        if (until > total && total - next > windowBytes) openAt(total - pieceBytes)
        if (!(await readPiece())) break
      }
    } catch (error) {
      note.textContent = /** @type {Error} */ (error).message
    }
    isReading = false
  }
  earlier.onclick = () => {
    openAt(from() - windowBytes, from())
    panel.scrollTop = 0
    void readOn()
  }
  back.onclick = () => {
    openAt(total - pieceBytes)
    void readOn()
  }
  openAt(bytes - windowBytes)
  return {
    panel,
    /** @param {{ bytes: number, isOver: boolean }} now */
    announce(now) {
      ;[total, isOver] = [Math.max(total, now.bytes), now.isOver]
      void readOn()
    },
  }
}

/**
 * @param {HTMLElement} text
 * @param {number} from
 * @param {Line[]} lines the first one goes on with the last line of the piece before
 */
function addPiece(text, from, [first = { runs: [], anew: false }, ...rest]) {
  const last = text.lastElementChild?.lastElementChild
  if (first.anew) last?.replaceChildren()
  last?.append(...first.runs.map(show))
  const own = last ? rest : [first, ...rest]
  if (own.length === 0) return
  text.append(el('div', { 'data-from': from }, ...own.map(({ runs }) => el('div', {}, ...runs.map(show)))))
}

/** @param {Line['runs'][number]} run */
function show({ text, pen: { color, bold, dim, underline } }) {
  if (color === undefined && !bold && !dim && !underline) return text
  const span = el('span', { class: `${bold ? 'bold ' : ''}${dim ? 'dim ' : ''}${underline ? 'underline' : ''}` }, text)
  if (color !== undefined) span.style.setProperty('--pen', `var(--c${color})`)
  return span
}
