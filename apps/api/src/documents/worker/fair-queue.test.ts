import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

const none = () => ({ running: 0, usedMs: 0 })

test('people take turns, however much one has queued', () => {
  const queue = new FairQueue<string>()
  for (const job of ['a1', 'a2', 'a3']) queue.push('a', job)
  for (const job of ['b1', 'b2']) queue.push('b', job)
  queue.push('c', 'c1')
  expect(Array.from({ length: 7 }, () => queue.next(1, none))).toEqual([
    ...['a1', 'b1', 'c1', 'a2', 'b2', 'a3'],
    undefined,
  ])
})

test('the person with fewer running jobs comes first, and no person exceeds the limit', () => {
  const queue = new FairQueue<string>()
  queue.push('a', 'a1')
  queue.push('b', 'b1')
  const running: Record<string, number> = { a: 1, b: 0 }
  const shareOf = (person: string) => ({ running: running[person] ?? 0, usedMs: 0 })
  expect(queue.next(2, shareOf)).toBe('b1')
  expect(queue.next(1, shareOf)).toBeUndefined()
  expect(queue.next(2, shareOf)).toBe('a1')
})

test('who has used little lately goes before who has used much', () => {
  const queue = new FairQueue<string>()
  for (const person of ['a', 'b', 'c']) queue.push(person, person)
  const used: Record<string, number> = { a: 20_000, b: 9_000, c: 100 }
  const shareOf = (person: string) => ({ running: 0, usedMs: used[person] ?? 0 })
  expect([1, 2, 3].map(() => queue.next(1, shareOf))).toEqual(['c', 'b', 'a'])
})

test('a job that is taken out does not run', () => {
  const queue = new FairQueue<string>()
  queue.push('a', 'a1')
  queue.push('a', 'a2')
  expect(queue.remove('a', 'a1')).toBe(true)
  expect(queue.remove('a', 'a1')).toBe(false)
  expect([queue.size, queue.sizeOf('a')]).toEqual([1, 1])
  expect(queue.next(1, none)).toBe('a2')
})
