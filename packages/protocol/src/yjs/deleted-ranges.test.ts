import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { DeletedRanges } from './deleted-ranges.ts'
import { inspectUpdate } from './inspect-update.ts'
import type { ClientDeletes } from './update-summary.ts'

/** Ranges as updates list them: apart or touching, never overlapping. */
const bounds = (maxLength: number) =>
  fc
    .array(fc.record({ skip: fc.nat(4), length: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength,
      size: 'max',
    })
    .map((ranges) => {
      let clock = 0
      return ranges.flatMap(({ skip, length }) => {
        const from = clock + skip
        clock = from + length
        return [from, clock]
      })
    })

/** Few ranges and many, which are taken in differently. */
const deletes: fc.Arbitrary<ClientDeletes[]> = fc.uniqueArray(
  fc.record({
    client: fc.constantFrom(1, 2, Number.MAX_SAFE_INTEGER),
    bounds: fc.oneof(
      bounds(1).map((range) => range.map((bound) => bound + 20)),
      bounds(3),
      bounds(30),
    ),
  }),
  { selector: ({ client }) => client, maxLength: 3 },
)

function* clocksOf(all: readonly ClientDeletes[]): Generator<string> {
  for (const each of all) {
    for (let i = 0; i < each.bounds.length; i += 2) {
      for (let clock = each.bounds[i]!; clock < each.bounds[i + 1]!; clock++) {
        yield `${each.client}:${clock}`
      }
    }
  }
}

const only = (client: number, ...bounds: number[]): ClientDeletes[] => [{ client, bounds }]

describe('DeletedRanges', () => {
  test('covers what a set of single clocks has', () => {
    fc.assert(
      fc.property(fc.array(deletes, { maxLength: 12 }), deletes, (added, asked) => {
        const ranges = new DeletedRanges()
        const model = new Set<string>()
        for (const each of [...added, asked]) {
          expect(ranges.covers(each)).toBe([...clocksOf(each)].every((clock) => model.has(clock)))
          expect(ranges.isEmpty).toBe(model.size === 0)
          const fresh: ClientDeletes[] = []
          ranges.visitNew(each, (client, from, to) => fresh.push({ client, bounds: [from, to] }))
          const isNew = (clock: string) => !model.has(clock)
          expect([...clocksOf(fresh)]).toEqual([...clocksOf(each)].filter(isNew))
          ranges.add(each)
          for (const clock of clocksOf(each)) model.add(clock)
          expect(ranges.covers(each)).toBe(true)
        }
        for (const each of added) expect(ranges.covers(each)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('ranges that touch become one', () => {
    const ranges = new DeletedRanges()
    ranges.add(only(5, 0, 3))
    ranges.add(only(5, 6, 9))
    expect(ranges.covers(only(5, 0, 9))).toBe(false)
    ranges.add(only(5, 3, 6))
    expect(ranges.covers(only(5, 0, 9))).toBe(true)
    expect(ranges.covers(only(5, 0, 10))).toBe(false)
    expect(ranges.covers(only(6, 0, 9))).toBe(false)
  })

  test('what is added stays the caller’s', () => {
    const ranges = new DeletedRanges()
    const bounds = [0, 1]
    ranges.add([{ client: 5, bounds }])
    ranges.add(only(5, 1, 3))
    expect(bounds).toEqual([0, 1])
  })

  test('knows the deletes of a document that was erased from, in whatever order', () => {
    const doc = new Y.Doc()
    const text = doc.getText('text')
    text.insert(0, 'x'.repeat(2000))
    const erased: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => erased.push(update))
    for (let i = 0; i < 900; i++) text.delete((i * 7) % text.length, 1)
    const ranges = new DeletedRanges()
    const whole = inspectUpdate(Y.encodeStateAsUpdate(doc)).deletes
    for (const update of erased) {
      expect(ranges.covers(whole)).toBe(false)
      ranges.add(inspectUpdate(update).deletes)
    }
    expect(ranges.covers(whole)).toBe(true)
  })
})
