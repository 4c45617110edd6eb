import {
  type ClientMessage,
  type DraftChange,
  MAX_DRAFT_BYTES,
  MAX_DRAFTS_PER_CONNECTION,
  mergeDraftChanges,
  type SentDraft,
} from '@mindfuse/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findAppended, readFields } from './appended.ts'
import { Drafts } from './drafts.ts'

const LIMITS = { maxDraftBytes: MAX_DRAFT_BYTES, draftsPerConnection: 16 } as any

let said: DraftChange[][]
let isAlone: boolean
let canEdit: boolean
let buffered: number
let drafts: Drafts

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  said = []
  isAlone = false
  canEdit = true
  buffered = 0
  drafts = new Drafts({
    send: (message: ClientMessage) =>
      message.type === 'draft:update' && said.push(message.drafts) > 0,
    bufferedBytes: () => buffered,
    isAlone: () => isAlone,
    canEdit: () => canEdit,
  })
  drafts.connected({ connectionId: 'mine', limits: LIMITS })
})
afterEach(() => {
  drafts.close()
  vi.useRealTimers()
})

/** What a reader has who was sent everything, or from some message on. */
function readerOf(messages: DraftChange[][]): Map<string, DraftChange> {
  const known = new Map<string, DraftChange>()
  for (const change of messages.flat()) {
    const before = known.get(change.id)
    if ('ended' in change) known.delete(change.id)
    else if (before) known.set(change.id, mergeDraftChanges(before, change))
    else if ('value' in change) known.set(change.id, change)
  }
  return known
}

/** Draws a stroke, a point each 8 milliseconds, in the same object. */
function drawStroke(points: number) {
  const stroke = { color: 'red', points: [] as number[][] }
  for (let i = 0; i < points; i++) {
    stroke.points.push([i, i])
    drafts.set('stroke', stroke)
    vi.advanceTimersByTime(8)
  }
  return stroke
}

describe('your own drafts', () => {
  test('are sent 15 times a second, as what was appended, and each second as a whole', () => {
    const stroke = drawStroke(400)
    vi.advanceTimersByTime(67)
    const seconds = (400 * 8) / 1_000
    expect(said.length).toBeGreaterThan(14 * seconds)
    expect(said.length).toBeLessThanOrEqual(16 * seconds)
    const wholes = said.flat().filter((change) => 'value' in change)
    expect(wholes).toHaveLength(1 + Math.floor(seconds))
    expect(said.flat().filter((change) => 'append' in change)).toHaveLength(
      said.length - wholes.length,
    )
    const whole = { id: 'stroke', version: said.length, value: stroke }
    expect([...readerOf(said).values()]).toEqual([whole])
    const late = said.slice(said.findLastIndex(([change]) => change && 'value' in change) - 3)
    expect([...readerOf(late).values()]).toEqual([whole])
  })

  test('that do not change are sent once a second', () => {
    drafts.set('move', { dx: 1 })
    for (let i = 0; i < 30; i++) {
      drafts.set('move', { dx: 1 })
      vi.advanceTimersByTime(100)
    }
    expect(said).toEqual([1, 2, 3, 4].map((version) => [{ id: 'move', version, value: { dx: 1 } }]))
  })

  test('are one message, however many there are', () => {
    for (const id of ['a', 'b', 'c']) drafts.set(id, id)
    vi.advanceTimersByTime(67)
    expect(said.map((changes) => changes.map(({ id }) => id))).toEqual([['a'], ['b', 'c']])
  })

  test('are sent once a second while nobody else is there', () => {
    isAlone = true
    drawStroke(400)
    expect(said.length).toBeLessThanOrEqual(5)
  })

  test('end at once, and not again', () => {
    drafts.set('stroke', 1)
    drafts.set('stroke', 2)
    drafts.remove('stroke')
    drafts.remove('stroke')
    vi.advanceTimersByTime(5_000)
    expect(said).toEqual([
      [{ id: 'stroke', version: 1, value: 1 }],
      [{ id: 'stroke', ended: true }],
    ])
  })

  test('continue nothing of earlier ones with the same id', () => {
    drafts.set('stroke', { points: [1] })
    drafts.remove('stroke')
    vi.advanceTimersByTime(100)
    drafts.set('stroke', { points: [1] })
    drafts.set('stroke', { points: [1, 2] })
    vi.advanceTimersByTime(100)
    expect(said.at(-1)).toEqual([{ id: 'stroke', from: 2, version: 3, append: { points: [2] } }])
  })

  test('are sent as a whole on the next connection, and not before', () => {
    drafts.set('stroke', { points: [1] })
    drafts.disconnected()
    said.length = 0
    drafts.set('stroke', { points: [1, 2] })
    vi.advanceTimersByTime(5_000)
    expect(said).toEqual([])
    drafts.connected({ connectionId: 'next', limits: LIMITS })
    vi.advanceTimersByTime(67)
    expect(said).toMatchObject([[{ id: 'stroke', value: { points: [1, 2] } }]])
  })

  test('are not sent to a gateway that does not announce that it takes them', () => {
    drafts.connected({ connectionId: 'next', limits: {} as any })
    drafts.set('stroke', 1)
    vi.advanceTimersByTime(5_000)
    drafts.remove('stroke')
    expect(said).toEqual([])
  })

  test('wait for edits that have not left yet', () => {
    buffered = 100_000
    drafts.set('stroke', 1)
    expect(said).toEqual([])
    buffered = 0
    vi.advanceTimersByTime(1_000)
    expect(said).toHaveLength(1)
  })

  test('that were rejected are sent as a whole with the next second', () => {
    drafts.set('stroke', { points: [1] })
    drafts.receive({ type: 'draft:rejected', code: 'rate_limited' })
    drafts.set('stroke', { points: [1, 2] })
    vi.advanceTimersByTime(900)
    expect(said).toHaveLength(1)
    vi.advanceTimersByTime(100)
    expect(said[1]).toMatchObject([{ value: { points: [1, 2] } }])
  })

  test('are dropped without a word when you cannot edit any longer: the gateway ends them', () => {
    drafts.set('stroke', 1)
    canEdit = false
    drafts.discard()
    vi.advanceTimersByTime(5_000)
    drafts.remove('stroke')
    expect(said).toHaveLength(1)
    expect(() => drafts.set('stroke', 2)).toThrow(expect.objectContaining({ code: 'read_only' }))
  })

  test('are refused beyond what a gateway takes, and those before stay', () => {
    const tooLarge = expect.objectContaining({ code: 'too_large' })
    drafts.set('large', 'x'.repeat(MAX_DRAFT_BYTES - 500))
    expect(() => drafts.set('large', 'ü'.repeat(MAX_DRAFT_BYTES / 2))).toThrow(tooLarge)
    expect(() => drafts.set('small', 'x'.repeat(500))).toThrow(tooLarge)
    expect(() => drafts.set('deep', JSON.parse('['.repeat(101) + ']'.repeat(101)))).toThrow(
      tooLarge,
    )
    drafts.remove('large')
    for (let i = 0; i < MAX_DRAFTS_PER_CONNECTION; i++) drafts.set(`${i}`, i)
    expect(() => drafts.set('more', 1)).toThrow(expect.objectContaining({ code: 'too_many' }))
    for (const id of ['', 'x'.repeat(65)]) expect(() => drafts.set(id, 1)).toThrow(RangeError)
    expect(() => drafts.set('0', undefined)).toThrow(RangeError)
  })

  test('fit into a text frame, whatever their ids', () => {
    const size = Math.floor(MAX_DRAFT_BYTES / MAX_DRAFTS_PER_CONNECTION)
    // Each character of these takes six bytes as JSON.
    const ids = Array.from({ length: MAX_DRAFTS_PER_CONNECTION }, (_, i) =>
      `${i}`.padEnd(64, '\u0001'),
    )
    const last = ids.pop() as string
    for (const id of ids) drafts.set(id, 'x'.repeat(size - 600))
    let bytes = size
    const isTooLarge = () => {
      try {
        drafts.set(last, 'x'.repeat(bytes))
        return false
      } catch {
        return true
      }
    }
    while (isTooLarge()) bytes -= 8
    vi.advanceTimersByTime(1_000)
    expect(said.at(-1)).toHaveLength(MAX_DRAFTS_PER_CONNECTION)
    const frame = JSON.stringify({ type: 'draft:update', drafts: said.at(-1) })
    expect(frame.length).toBeLessThanOrEqual(MAX_DRAFT_BYTES)
    expect(frame.length).toBeGreaterThan(0.9 * MAX_DRAFT_BYTES)
  })
})

describe('what was appended', () => {
  const appended = (before: unknown, after: unknown) => {
    const fields = [before, after].map((value) => readFields(JSON.stringify(value)))
    return fields[0] && fields[1] && findAppended(fields[0], fields[1])
  }

  test.each([
    [{ a: [1] }, { a: [1, 2, 3] }, { a: [2, 3] }],
    [
      { a: [], b: ['x'], c: 1 },
      { a: [[1]], b: ['x', ','], c: 1 },
      { a: [[1]], b: [','] },
    ],
    [{ a: [1] }, { a: [12] }, undefined],
    [{ a: [1] }, { a: [] }, undefined],
    [{ a: [1, 2] }, { a: [1] }, undefined],
    [{ a: [1] }, { a: [1, 2], b: 1 }, undefined],
    [{ a: [1], b: 1 }, { a: [1, 2], b: 2 }, undefined],
    [{ a: 'x' }, { a: 'xy' }, undefined],
    [{ a: [] }, { a: '[1]' }, undefined],
    [{ '': [1] }, { '': [1, 2] }, undefined],
    [[1], [1, 2], undefined],
  ])('from %j to %j is %j', (before, after, append) => {
    expect(appended(before, after)).toEqual(append)
  })

  test('is in 16 arrays at most', () => {
    const arrays = (count: number, ...items: number[]) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [i, items]))
    expect(appended(arrays(16), arrays(16, 1))).toEqual(arrays(16, 1))
    expect(appended(arrays(17), arrays(17, 1))).toBeUndefined()
  })

  test('makes of the value before the value after, whatever both are', () => {
    const items = fc.array(fc.jsonValue({ maxDepth: 2 }))
    const field = fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), items, items)
    const fieldsOfAll = fc.uniqueArray(field, { selector: ([name]) => name, maxLength: 16 })
    fc.assert(
      fc.property(fieldsOfAll, (fields) => {
        const json = (value: object) => JSON.parse(JSON.stringify(value))
        const before = json(Object.fromEntries(fields.map(([name, first]) => [name, first])))
        const after = json(
          Object.fromEntries(fields.map(([name, first, more]) => [name, [...first, ...more]])),
        )
        const append = appended(before, after) ?? {}
        const whole = { id: 'x', version: 1, value: before }
        const merged = mergeDraftChanges(whole, { id: 'x', from: 1, version: 2, append })
        expect(json(merged)).toEqual({ id: 'x', version: 2, value: after })
      }),
    )
  })
})

describe('the drafts of others', () => {
  const user = { id: 'ada', name: 'Ada' }
  const hear = (...changes: SentDraft[]) => drafts.receive({ type: 'draft:sync', drafts: changes })
  const whole = (version: number, value: unknown, connectionId = 'hers'): SentDraft => ({
    ...{ connectionId, user },
    change: { id: 'stroke', version, value },
  })
  const append = (from: number, ...points: number[]): SentDraft => ({
    connectionId: 'hers',
    change: { id: 'stroke', from, version: from + 1, append: { points } },
  })
  const seen = () => drafts.others().get('hers')?.drafts.get('stroke')

  test('grow, and end', () => {
    const changes = vi.fn()
    drafts.on('change', changes)
    hear(whole(1, { points: [1] }), append(1, 2))
    expect(drafts.others()).toEqual(
      new Map([
        ['hers', { connectionId: 'hers', user, drafts: new Map([['stroke', { points: [1, 2] }]]) }],
      ]),
    )
    hear({ connectionId: 'hers', change: { id: 'stroke', ended: true } })
    expect(drafts.others().size).toBe(0)
    expect(changes).toHaveBeenCalledTimes(2)
    expect(changes).toHaveBeenLastCalledWith(drafts.others())
  })

  test('DRAFT-5: of which something was missed wait for the whole', () => {
    hear(append(1, 2))
    expect(drafts.others().size).toBe(0)
    hear(whole(1, { points: [1] }), append(2, 3))
    expect(seen()).toEqual({ points: [1] })
    hear(whole(3, { points: [1, 2, 3] }), append(1, 2))
    expect(seen()).toEqual({ points: [1, 2, 3] })
  })

  test('DRAFT-11: are gone after 5 seconds without news, and not before', () => {
    const changes = vi.fn()
    hear(whole(1, { points: [1] }))
    for (let i = 1; i < 20; i++) {
      vi.advanceTimersByTime(1_000)
      hear(append(i, i))
    }
    drafts.on('change', changes)
    vi.advanceTimersByTime(4_999)
    expect(seen()).toBeDefined()
    vi.advanceTimersByTime(1)
    expect(seen()).toBeUndefined()
    expect(changes).toHaveBeenCalledTimes(1)
  })

  test('are those of other connections, and the same object until something changes', () => {
    hear(whole(1, 'mine', 'mine'))
    expect(drafts.others().size).toBe(0)
    hear(whole(1, 'hers'))
    const before = drafts.others()
    hear(append(7, 1), whole(1, 'mine', 'mine'))
    expect(drafts.others()).toBe(before)
    hear(whole(2, 'hers too'))
    expect(drafts.others()).not.toBe(before)
    drafts.close()
    expect(drafts.others().size).toBe(0)
  })
})
