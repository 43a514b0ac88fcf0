import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeHook, judgeObservation, type RefHead } from './ledger.ts'

const a = 'a'.repeat(40)
const b = 'b'.repeat(40)

/** A remote and what the platform knows of it, as both live through the same story. */
function story(start: string) {
  let known: RefHead | undefined = { head: start, era: 1 }
  const entries = new Set([`1 ${start}`])
  const keep = (verdict: ReturnType<typeof judgeHook>) => {
    if (verdict.head !== undefined) known = verdict.head
    if (verdict.entry !== undefined) entries.add(`${verdict.entry.era} ${verdict.entry.commit}`)
    return verdict
  }
  const isCommitKnown = (commit: string | null) => [...entries].some((entry) => entry.endsWith(` ${commit}`))
  return {
    entries,
    known: () => known,
    look: (head: string | null, descends: boolean) => keep(judgeObservation(known, { head, descends })),
    hook: (before: string | null, after: string | null) =>
      keep(judgeHook(known, { before, after }, isCommitKnown(after))),
  }
}

describe('what a remote shows', () => {
  test('a push is one entry in the same era', () => {
    const ref = story(a)
    ref.look(b, true)
    expect([...ref.entries]).toEqual([`1 ${a}`, `1 ${b}`])
  })

  test('A, then B, then A again are three entries', () => {
    const ref = story(a)
    ref.look(b, true)
    ref.look(a, false)
    expect([...ref.entries]).toEqual([`1 ${a}`, `1 ${b}`, `2 ${a}`])
  })

  test('a branch deleted and made again at the same commit is built again', () => {
    const ref = story(a)
    ref.look(null, false)
    ref.look(a, true)
    expect([...ref.entries]).toEqual([`1 ${a}`, `2 ${a}`])
  })

  test('looking again changes nothing, whatever was seen', () => {
    const commit = fc.constantFrom(a, b, null)
    fc.assert(
      fc.property(fc.array(fc.tuple(commit, fc.boolean())), (looks) => {
        const ref = story(a)
        for (const [head, descends] of looks) {
          ref.look(head, descends)
          const before = { entries: ref.entries.size, known: ref.known() }
          ref.look(head, descends)
          expect({ entries: ref.entries.size, known: ref.known() }).toEqual(before)
          expect(ref.known()?.head).toBe(head)
        }
      }),
    )
  })

  test('an era never shrinks', () => {
    const commit = fc.constantFrom(a, b, null)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), commit, commit, fc.boolean())), (tellings) => {
        const ref = story(a)
        let era = 1
        for (const [isHook, before, after, descends] of tellings) {
          if (isHook) ref.hook(before, after)
          else ref.look(after, descends)
          expect(ref.known()?.era ?? 1).toBeGreaterThanOrEqual(era)
          era = ref.known()?.era ?? 1
        }
      }),
    )
  })
})

describe('what a hook says', () => {
  test('it continues the head: an entry, and the head moves', () => {
    const ref = story(a)
    expect(ref.hook(a, b)).toMatchObject({ head: { head: b, era: 1 }, entry: { commit: b, era: 1 }, look: false })
  })

  test('a late hook adds its entry but never moves the head back', () => {
    const ref = story(a)
    ref.look(b, true)
    const late = 'c'.repeat(40)
    expect(ref.hook(a, late)).toMatchObject({ head: undefined, entry: { commit: late }, look: true })
    expect(ref.known()?.head).toBe(b)
  })

  test('a commit that the ref had before only causes a look', () => {
    const ref = story(a)
    ref.hook(a, b)
    expect(ref.hook(b, a)).toEqual({ head: undefined, entry: undefined, look: true })
    ref.look(a, false)
    expect([...ref.entries]).toEqual([`1 ${a}`, `1 ${b}`, `2 ${a}`])
  })

  test('a deletion counts only when it speaks of the head that is known', () => {
    const ref = story(a)
    expect(ref.hook(b, null).head).toBeUndefined()
    expect(ref.hook(a, null).head).toEqual({ head: null, era: 1 })
  })

  test('hooks of one linear history in any order, with looks between, make each commit exactly one entry', () => {
    const history = Array.from({ length: 6 }, (_, n) => n.toString(16).repeat(40))
    const hooks = history.slice(1).map((after, n) => [history[n], after] as const)
    fc.assert(
      fc.property(fc.shuffledSubarray(hooks, { minLength: hooks.length }), fc.array(fc.nat(5)), (order, looks) => {
        const ref = story(history[0] as string)
        for (const [n, [before, after]] of order.entries()) {
          ref.hook(before as string, after)
          // The remote already has the whole history, so the newest head is an honest thing to see at any time.
          if (looks.includes(n)) ref.look(history.at(-1) as string, true)
        }
        expect(ref.entries.size).toBe(history.length)
      }),
    )
  })
})
