import { describe, expect, test } from 'vitest'
import { AnsiReader } from './client/ansi.js'

/** The text of each line, after the pieces came one by one. */
function linesOf(...pieces: string[]): string[] {
  const reader = new AnsiReader()
  const lines = ['']
  for (const [at, piece] of pieces.entries()) {
    const [first, ...rest] = reader.read(piece, at === pieces.length - 1)
    const text = (line = first) => line?.runs.map((run) => run.text).join('') ?? ''
    const last = lines.pop() ?? ''
    lines.push((first?.anew ? '' : last) + text(), ...rest.map(text))
  }
  return lines
}

const esc = '\x1b'

describe('output', () => {
  test('has the same lines however it is cut', () => {
    const whole = `one\r\n${esc}[31mtwo${esc}[0m\n50%\r100%\nlast`
    for (let at = 1; at < whole.length; at += 1) {
      expect(linesOf(whole.slice(0, at), whole.slice(at))).toEqual(['one', 'two', '100%', 'last'])
    }
  })

  test('keeps its colours from line to line and piece to piece, until they end', () => {
    const reader = new AnsiReader()
    const [one, two] = reader.read(`${esc}[1;91mred\nstill`)
    const [three] = reader.read(` red${esc}[m plain`)

    expect(one?.runs).toEqual([{ text: 'red', pen: { bold: true, color: '9' } }])
    expect(two?.runs[0]?.pen).toEqual({ bold: true, color: '9' })
    expect(three?.runs).toEqual([
      { text: ' red', pen: { bold: true, color: '9' } },
      { text: ' plain', pen: {} },
    ])
  })

  test('loses what only moves a cursor, names a window or rings a bell', () => {
    expect(
      linesOf(`${esc}[2K${esc}[1Ga${esc}]0;title\x07b${esc}]8;;https://x.example${esc}\\c${esc}(Bd\x07\x00`),
    ).toEqual(['abcd'])
  })

  test('takes colours of 256 for one colour, whatever numbers they have', () => {
    const [line] = new AnsiReader().read(`${esc}[38;5;1ma${esc}[38;2;4;31;1mb${esc}[48;5;4mc`)
    expect(line?.runs.map(({ pen }) => pen)).toEqual([{ color: '1' }, {}, {}])
  })

  test('shows an escape that never ends, once nothing follows', () => {
    expect(linesOf(`a${esc}[31`)).toEqual(['a[31'])
  })

  test('stays text, whatever it looks like', () => {
    expect(linesOf('<img src=x onerror=alert(1)>\n')).toEqual(['<img src=x onerror=alert(1)>', ''])
  })
})
