import { afterEach, expect, test } from 'vitest'
import { sh } from '../sh/sh.ts'
import { removeFolders, run } from '../testing/run-here.ts'
import { pipeline, step } from '../tree/build-tree.ts'

afterEach(removeFolders)
const secrets = { TOKEN: 'open-sesame' }

test('100 MB come whole', async () => {
  const done = await run(pipeline('todo', [step('big', sh`yes 0123456789abcdef | head -c 104857600`)]))
  expect(done.output('big').length).toBe(104_857_600)
})

test.each([{}, secrets])('bytes that are no UTF-8 stay as they are (secrets: %o)', async (given) => {
  const bytes = sh`printf '\377\000\200\303'`
  const done = await run(
    pipeline('todo', [
      step('value', bytes),
      step('function', async ({ sh }) => void (await sh`printf '\377\000\200\303'`)),
    ]),
    { secrets: given },
  )
  for (const name of ['value', 'function']) expect([...done.output(name)]).toEqual([0xff, 0, 0x80, 0xc3])
})

test.each([{}, secrets])('stdout and stderr stay in order (secrets: %o)', async (given) => {
  const command = sh`for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done`
  const done = await run(pipeline('todo', [step('both', command)]), { secrets: given })
  expect(done.text('both')).toBe([1, 2, 3, 4, 5].map((i) => `out ${i}\nerr ${i}\n`).join(''))
})

test('a secret split over two writes is masked; what only begins like one is not lost', async () => {
  const split = sh`printf 'a open-'; sleep 0.2; printf 'sesame b '; sleep 0.1; printf 'open-se'`
  const done = await run(pipeline('todo', [step('split', split)]), { secrets })
  expect(done.text('split')).toBe('a *** b open-se')
})

test('what a function logs, throws and returns is masked too', async () => {
  const leaks = step('leaks', ({ log, secrets }) => {
    log(`it is ${secrets['TOKEN']}`)
    return { url: `https://x/?t=${secrets['TOKEN']}` }
  })
  const throws = step('throws', ({ secrets }) => {
    throw new Error(`bad ${secrets['TOKEN']}`)
  })
  const done = await run(pipeline('todo', [leaks, throws]), { secrets })
  expect(done.text('leaks')).toBe('it is ***\n')
  expect(done.ends.get('leaks')?.result).toEqual({ url: 'https://x/?t=***' })
  expect(done.text('throws')).not.toContain('sesame')
  expect(done.result.reason?.args['message']).toBe('bad ***')
})

test('text beyond 16 MB is an error only for the one who reads it; the output is whole', async () => {
  const reads = step('reads', async ({ sh }) => (await sh`head -c 17000000 /dev/zero`).text.length)
  const ignores = step('ignores', async ({ sh }) => (await sh`head -c 17000000 /dev/zero`).code)
  const done = await run(pipeline('todo', [ignores, reads]))
  expect(done.ends.get('ignores')?.result).toBe(0)
  expect(done.output('reads').length).toBeGreaterThan(17_000_000)
  expect(done.result.reason).toMatchObject({ args: { name: 'SH_TEXT_TOO_LONG' } })
})
