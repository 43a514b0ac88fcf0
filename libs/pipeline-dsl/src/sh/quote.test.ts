import { execFileSync } from 'node:child_process'
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { sh } from './sh.ts'

/** The words a real shell makes of it. */
const wordsOf = (script: string): string[] =>
  execFileSync('/bin/sh', ['-c', script], { env: {} }).toString().split('\0').slice(0, -1)

const nasty = string({
  unit: constantFrom(
    "'",
    '"',
    '\\',
    '$',
    '`',
    '\n',
    ' ',
    '(',
    ')',
    ';',
    '&',
    '*',
    '~',
    '#',
    '!',
    '-',
    'a',
    'é',
    '{',
    '}',
  ),
})
const word = oneof(
  nasty,
  string({ unit: 'binary' }).map((text) => Buffer.from(text).toString().replaceAll('\0', '')),
)

test('whatever a value is, it is exactly one word', () => {
  assert(
    property(word, word, (first, second) => {
      const { script } = sh`printf '%s\0' ${first} pre${second}post; : "$(printf %s ${first})"`
      expect(wordsOf(script)).toEqual([first, `pre${second}post`])
    }),
    { numRuns: 150 },
  )
})

test('a list is as many words as it has members', () => {
  assert(
    property(array(word, { minLength: 1, maxLength: 5 }), (words) => {
      expect(wordsOf(sh`printf '%s\0' ${words}`.script)).toEqual(words)
    }),
    { numRuns: 50 },
  )
  expect(wordsOf(sh`for w in ${[]}; do echo x; done`.script)).toEqual([])
})

test('numbers and truth values are words too; nothing else is', () => {
  expect(sh`x ${1} ${true}`.script).toBe("x '1' 'true'")
  for (const value of [undefined, null, Number.NaN, {}, () => 1, [['x']], 'a\0b']) {
    expect(() => sh`x ${value as string}`).toThrow(expect.objectContaining({ code: 'SH_VALUE' }))
  }
})

test('the shell reads what one reads in the file', () => {
  expect(sh`sed 's/\./x/' \${HOME} \`date\` \\n "\n"`.script).toBe('sed \'s/\\./x/\' ${HOME} `date` \\\\n "\\n"')
})

test('a value where it cannot be quoted is refused', () => {
  const x = '$(touch /tmp/never)'
  const wrong = [
    () => sh`echo "${x}"`,
    () => sh`echo '${x}'`,
    () => sh`echo "a $(echo b) ${x}"`,
    () => sh`echo \`echo ${x}\``,
    () => sh`echo \${A:-${x}}`,
    () => sh`echo a # ${x}`,
    () => sh`echo $${x}`,
    () => sh`echo $((1 + ${x}))`,
    () => sh`echo $'a\'' ${x}`,
    () => sh`echo \`echo $(echo ${x})\``,
    () => sh`cat <<END
(${x}
END`,
    () => sh`cat <<END
${x}
END`,
  ]
  for (const make of wrong) expect(make).toThrow(expect.objectContaining({ code: 'SH_QUOTED' }))
})

test('a value is welcome wherever a word is', () => {
  const right = [
    sh`echo "a" ${'x'} 'b'`,
    sh`echo "$(echo ${'x'})"`,
    sh`(echo ${'x'})`,
    sh`echo it\'s ${'x'}`,
    sh`echo a#b ${'x'}`,
    sh`case a in a) echo ${'x'};; esac`,
    sh`A=${'x'} env`,
  ]
  for (const { script } of right) expect(() => execFileSync('/bin/sh', ['-nc', script])).not.toThrow()
})

test('a script that no shell could be given is refused', () => {
  expect(() => sh`echo ${'x'.repeat(140_000)}`).toThrow(expect.objectContaining({ code: 'SH_TOO_LONG' }))
})
