import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type DraftValue, OwnDrafts } from './own-drafts.ts'

let shown: Map<string, DraftValue>
let isFull: boolean
let own: OwnDrafts

beforeEach(() => {
  vi.useFakeTimers()
  shown = new Map()
  isFull = false
  own = new OwnDrafts({
    set(id, value) {
      if (isFull) throw new RangeError('too large')
      shown.set(id, value as DraftValue)
    },
    remove: (id) => void shown.delete(id),
  })
})
afterEach(() => vi.useRealTimers())

const element = (id: string, x = 0) => ({ id, type: 'rectangle', x })

test('an element is shown as it changes, and a little longer than it is not written', () => {
  own.share([element('a')])
  own.share([element('a', 1), element('b')])
  expect([...shown]).toEqual([
    ['a', element('a', 1)],
    ['b', element('b')],
  ])
  own.share([element('b')])
  expect([...shown.keys()]).toEqual(['a', 'b'])
  vi.advanceTimersByTime(1_000)
  expect([...shown.keys()]).toEqual(['b'])
})

test('one that is moved again at once goes on', () => {
  own.share([element('a')])
  own.share([])
  own.share([element('a', 2)])
  vi.advanceTimersByTime(1_000)
  expect([...shown]).toEqual([['a', element('a', 2)]])
})

test('many elements are one draft', () => {
  const many = Array.from({ length: 100 }, (_, i) => element(`${i}`))
  own.share(many)
  expect([...shown.values()]).toEqual([{ elements: many }])
  own.share([])
  vi.advanceTimersByTime(1_000)
  expect(shown.size).toBe(0)
})

test('what is refused is not shown, and the rest is', () => {
  own.share([element('a')])
  isFull = true
  own.share([element('a', 1), element('b')])
  vi.advanceTimersByTime(1_000)
  expect(shown.size).toBe(0)
  isFull = false
  own.share([element('a', 2)])
  expect([...shown]).toEqual([['a', element('a', 2)]])
})

test('all end with the board', () => {
  own.share([element('a'), element('b')])
  own.share([element('b')])
  own.close()
  expect(shown.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
