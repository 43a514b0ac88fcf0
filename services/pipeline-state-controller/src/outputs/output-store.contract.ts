import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttemptName } from '../attempts/attempt-store.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'
import { outputStepsMax } from './output-store.ts'

const mb = 1024 * 1024
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export function outputStoreContract(name: string, open: OpenPorts): void {
  const running = async () => {
    const scene = await openScene(open)
    const { name: attempt } = await scene.running({ attemptsMax: 2 })
    await scene.plan(attempt)
    return { scene, attempt, ...printer(scene, attempt) }
  }

  describe(`${name} is an output store`, () => {
    test('what is appended is read back, whole and by ranges', async () => {
      const { append, read } = await running()
      expect(await append('1', 0, 'hello\n')).toBe(6)
      expect(await append('1', 6, 'world\n')).toBe(12)
      expect(await read('1')).toMatchObject({ bytes: Buffer.from('hello\nworld\n'), total: 12, ended: false })
      expect((await read('1', 4, 4)).bytes.toString()).toBe('o\nwo')
      expect((await read('1', 11, 99)).bytes.toString()).toBe('\n')
      for (const [offset, limitBytes] of [
        [12, 5],
        [99, 5],
        [0, 0],
      ] as const) {
        expect(await read('1', offset, limitBytes)).toMatchObject({ bytes: Buffer.alloc(0), total: 12 })
      }
    })

    test('bytes sent again are passed over, alone or with new ones behind them', async () => {
      const { append, read } = await running()
      await append('1', 0, 'abcdef')
      expect(await append('1', 0, 'abcdef')).toBe(6)
      expect(await append('1', 2, 'cd')).toBe(6)
      expect(await append('1', 4, 'efgh')).toBe(8)
      expect(await append('1', 8, '')).toBe(8)
      expect((await read('1')).bytes.toString()).toBe('abcdefgh')
    })

    test('a gap is refused, with the byte that is wanted, and stores nothing', async () => {
      const { append, read } = await running()
      await append('1', 0, 'abc')
      await expect(append('1', 4, 'x')).rejects.toMatchObject({ code: 'OUTPUT_GAP', fields: { want: 3, step: '1' } })
      await expect(append('2', 1, 'x')).rejects.toMatchObject({ code: 'OUTPUT_GAP', fields: { want: 0, step: '2' } })
      expect(await read('1')).toMatchObject({ total: 3 })
      expect(await read('2')).toMatchObject({ total: 0 })
    })

    test('every step has its own output, and its bytes are counted where the step is shown', async () => {
      const { scene, attempt, append, read } = await running()
      await append('1', 0, 'first')
      await append('2', 0, 'second!')
      expect((await read('1')).bytes.toString()).toBe('first')
      expect((await read('2')).bytes.toString()).toBe('second!')
      expect((await scene.build(attempt)).steps.map(({ outputBytes }) => outputBytes)).toEqual([5, 7])
    })

    test('an output has ended when its step is over, and then is whole', async () => {
      const { scene, attempt, append, read } = await running()
      await scene.events(attempt, 1, scene.step('1', 'running'))
      await append('1', 0, 'abc')
      expect(await read('1')).toMatchObject({ ended: false })
      await scene.events(attempt, 2, scene.step('1', 'success'))
      expect(await read('1')).toMatchObject({ ended: true, total: 3 })
      expect(await read('2')).toMatchObject({ ended: false, total: 0 })
      await scene.report(attempt)
      expect(await read('2')).toMatchObject({ ended: true, total: 0 })
    })

    test('what does not exist has none', async () => {
      const { scene, attempt, read } = await running()
      for (const step of ['3', 'x', '']) await expect(read(step)).rejects.toMatchObject({ code: 'OUTPUT_UNKNOWN' })
      const other = { pipeline: 'todo', number: 99 }
      const range = { offset: 0, limitBytes: 1 }
      await expect(scene.ports.outputs.read(other, '1', range)).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
      const later = scene.ports.outputs.read({ ...attempt, attempt: 2 }, '1', range)
      await expect(later).rejects.toMatchObject({ code: 'OUTPUT_UNKNOWN' })
    })

    test('what is not the id of a step has none, and an attempt has only so many', async () => {
      const { append } = await running()
      for (const step of ['', '../1', '1.', 'a', '1/2']) {
        await expect(append(step, 0, 'x')).rejects.toMatchObject({ code: 'STEP_INVALID' })
      }
      const ids = Array.from({ length: outputStepsMax }, (_, n) => `${Math.floor(n / 5_000)}.${n % 5_000}`)
      for (const id of ids) await append(id, 0, 'x')
      await expect(append('9999', 0, 'x')).rejects.toMatchObject({ code: 'OUTPUT_TOO_MANY' })
      expect(await append('0.0', 1, 'y')).toBe(2)
    })

    test('before the claim, and after the end, nothing is accepted, and the refusals are counted', async () => {
      const { scene, attempt, append } = await running()
      await scene.start()
      const unclaimed = printer(scene, nameOf(await scene.place()))
      await expect(unclaimed.append('1', 0, 'x')).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await scene.report(attempt)
      await expect(append('1', 0, 'x')).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      expect((await scene.build(attempt)).attempts[0]?.refusedWrites).toBe(1)
    })

    test('what a dead attempt left is accepted until it is removed; the next attempt has outputs of its own', async () => {
      const { scene, attempt, append, read } = await running()
      await append('1', 0, 'abc')
      await scene.end(attempt)
      const work = await scene.take('remove-build')
      expect(work.payload.stored.outputs).toEqual({ '1': 3 })
      await expect(append('1', 3, 'def')).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      expect(await append('1', 3, 'def', 'salvage')).toBe(6)
      await scene.done(work, {})
      await expect(append('1', 6, 'x', 'salvage')).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      const { name: second } = await scene.run()
      await printer(scene, second).append('1', 0, 'again')
      expect((await read('1')).bytes.toString()).toBe('again')
      const first = await scene.ports.outputs.read({ ...attempt, attempt: 1 }, '1', { offset: 0, limitBytes: 99 })
      expect(first).toMatchObject({ bytes: Buffer.from('abcdef'), ended: true })
    })

    test('many small appends are kept in few pieces, every byte of them', async () => {
      const { append, read } = await running()
      const lines = Array.from({ length: 3_000 }, (_, n) => `line ${n}\n`)
      let offset = 0
      for (const line of lines) offset = await append('1', offset, line)
      const { bytes, total } = await read('1')
      expect(total).toBe(offset)
      expect(bytes.toString()).toBe(lines.join(''))
    })

    test('3 MB of anything are read back by ranges, byte for byte', async () => {
      const { append, read } = await running()
      const all = randomBytes(3 * mb + 17)
      for (let offset = 0; offset < all.length; ) {
        offset = await append('1', offset, all.subarray(offset, offset + 300_001))
      }
      const pieces: Buffer[] = []
      for (let offset = 0; offset < all.length; offset += 65_537) pieces.push((await read('1', offset, 65_537)).bytes)
      expect(hash(Buffer.concat(pieces))).toBe(hash(all))
      expect(hash((await read('1', 1_234_567, mb)).bytes)).toBe(hash(all.subarray(1_234_567, 1_234_567 + mb)))
    })

    test('whatever is appended and read, it is as one plain buffer', async () => {
      const size = fc.oneof(fc.nat(40), fc.nat(3_000), fc.nat(40_000))
      const write = fc.record({ back: fc.oneof(fc.constant(0), fc.nat(20_000)), size, byte: fc.nat(255) })
      const range = fc.record({ at: fc.double({ min: 0, max: 1.1, noNaN: true }), limitBytes: fc.nat(60_000) })
      const script = [fc.array(write, { maxLength: 25 }), fc.array(range, { minLength: 1, maxLength: 10 })] as const
      const { append, read } = await running()
      let runs = 0
      await fc.assert(
        fc.asyncProperty(...script, async (writes, ranges) => {
          runs += 1
          const step = `${runs}`
          let model = Buffer.alloc(0)
          await append(step, 0, '')
          for (const { back, size, byte } of writes) {
            const offset = Math.max(0, model.length - back)
            const fresh = Buffer.alloc(size, byte)
            const known = model.subarray(offset, offset + size)
            const sent = Buffer.concat([known, fresh.subarray(known.length)])
            model = Buffer.concat([model.subarray(0, offset), sent, model.subarray(offset + sent.length)])
            expect(await append(step, offset, sent)).toBe(model.length)
          }
          for (const { at, limitBytes } of ranges) {
            const offset = Math.floor(at * model.length)
            const piece = await read(step, offset, limitBytes)
            expect(piece.total).toBe(model.length)
            expect(piece.bytes.equals(model.subarray(offset, offset + limitBytes))).toBe(true)
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}

function printer({ ports, now }: Scene, attempt: AttemptName) {
  return {
    append: (step: string, offset: number, bytes: string | Buffer, writer: 'process' | 'salvage' = 'process') =>
      ports.outputs.append(attempt, step, offset, Buffer.from(bytes), writer, now),
    read: (step: string, offset = 0, limitBytes = 100 * mb) =>
      ports.outputs.read({ pipeline: attempt.pipeline, number: attempt.number }, step, { offset, limitBytes }),
  }
}
