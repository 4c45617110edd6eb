import { expect, test } from 'vitest'
import { Restorations } from './restorations.ts'

test('restores four boards at a time, then those with most people', async () => {
  const restorations = new Restorations()
  const started: string[] = []
  const ends: (() => void)[] = []
  const restore = (name: string, people: number) =>
    restorations.run(new Set(Array(people).keys()), () => {
      started.push(name)
      return new Promise<void>((end) => ends.push(end))
    })
  const all = [1, 2, 3, 4].map((i) => restore(`first ${i}`, 0))
  all.push(restore('empty', 0), restore('busy', 9), restore('quiet', 2))
  expect(started).toHaveLength(4)
  for (let i = 0; i < all.length; i++) {
    ends[i]?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(all)
  expect(started.slice(4)).toEqual(['busy', 'quiet', 'empty'])
})

test('one that fails makes room for the next', async () => {
  const restorations = new Restorations()
  const failures = Array.from({ length: 9 }, () =>
    restorations.run(new Set(), () => Promise.reject(new Error('no API'))),
  )
  expect(await Promise.allSettled(failures)).toHaveLength(9)
  expect(await restorations.run(new Set(), async () => 'restored')).toBe('restored')
})
