/** @import { Line } from './ansi.js' */
import { AnsiReader } from './ansi.js'
import { ask } from './api.js'
import { el } from './dom.js'

/** So much is asked for at once, and so much is on the page at most: a browser must not hold 100 MB of text. */
const pieceBytes = 65_536
const windowBytes = 4 * pieceBytes

/**
 * A window on the output of one step: its end, which grows when it is told that there is more, or something before it.
 * @param {string} path of the output in the API
 */
export function outputPanel(path) {
  const text = el('div', { class: 'lines' })
  const earlier = el('button', { type: 'button', hidden: true }, 'Earlier')
  const back = el('button', { type: 'button', hidden: true }, 'To the end')
  const note = el('p', { class: 'muted' })
  const panel = el(
    'div',
    { class: 'output', tabindex: 0, role: 'region', 'aria-label': 'Output' },
    earlier,
    text,
    note,
    back,
  )
  let [next, until, total] = [0, Number.POSITIVE_INFINITY, -1]
  let [isEnded, isReading] = [false, false]
  let [reader, decoder] = [new AnsiReader(), new TextDecoder()]

  /** Where the window begins. */
  const from = () => Number(text.firstElementChild?.getAttribute('data-from') ?? next)
  const startAt = (/** @type {number} */ offset, end = Number.POSITIVE_INFINITY) => {
    ;[next, until, reader, decoder] = [offset, end, new AnsiReader(), new TextDecoder()]
    text.replaceChildren()
    back.hidden = end === Number.POSITIVE_INFINITY
  }
  const readPiece = async () => {
    const limit = Math.max(1, Math.min(pieceBytes, until - next))
    const answer = await ask(`${path}?offset=${next}&limit=${limit}`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    total = Number(answer.headers.get('x-baton-output-total'))
    isEnded = answer.headers.get('x-baton-output-ended') === 'true'
    const isLast = isEnded && next + bytes.length >= total
    const isAtEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 40
    addPiece(text, next, reader.read(decoder.decode(bytes, { stream: !isLast }), isLast))
    next += bytes.length
    while (next - from() > windowBytes && text.childElementCount > 1) text.firstElementChild?.remove()
    earlier.hidden = from() === 0
    note.textContent = total > 0 ? '' : isEnded ? 'It wrote nothing.' : 'No output yet.'
    if (isAtEnd && until > total) panel.scrollTop = panel.scrollHeight
  }
  /** Reads until there is no more. What came meanwhile is read too. */
  const grow = async () => {
    if (isReading) return
    isReading = true
    try {
      do {
        // Who is far behind what is written now looks at its end, not at everything in between.
        if (until > total && total - next > windowBytes) startAt(total - pieceBytes)
        await readPiece()
      } while (next < Math.min(total, until))
    } catch (error) {
      note.textContent = /** @type {Error} */ (error).message
    }
    isReading = false
  }
  earlier.onclick = () => {
    const end = from()
    startAt(Math.max(0, end - windowBytes), end)
    panel.scrollTop = 0
    void grow()
  }
  back.onclick = () => {
    startAt(Math.max(0, total - pieceBytes))
    void grow()
  }
  return {
    panel,
    /** @param {number} bytes how many there are now */
    async show(bytes) {
      if (total < 0) startAt(Math.max(0, bytes - windowBytes))
      if (total < 0 || bytes > total || !isEnded) await grow()
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
  // A window that begins in the middle of a line begins with the next one.
  const whole = last || (from > 0 && rest.length > 0) ? rest : [first, ...rest]
  if (whole.length === 0) return
  text.append(el('div', { 'data-from': from }, ...whole.map(({ runs }) => el('div', {}, ...runs.map(show)))))
}

/** @param {Line['runs'][number]} run */
function show({ text, pen: { color, bold, dim, underline } }) {
  if (color === undefined && !bold && !dim && !underline) return text
  const span = el('span', { class: `${bold ? 'bold ' : ''}${dim ? 'dim ' : ''}${underline ? 'underline' : ''}` }, text)
  if (color !== undefined) span.style.setProperty('--pen', `var(--c${color})`)
  return span
}
