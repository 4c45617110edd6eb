import { expect, test } from 'vitest'
import { countNews, withLater } from './use-news.ts'

const items = (ids: string) => [...ids].map((id) => ({ id }))

test.each([
  ['cba', 'cba', 0],
  ['cba', 'edcba', 2],
  ['cba', 'edc', 2],
  // So many came that none of the known ones is on the page.
  ['cba', 'hgf', 3],
  ['', 'ba', 2],
  ['', '', 0],
  // An answer that is older than what is shown.
  ['dcba', 'cba', 0],
])('of %j the list %j has %i new items', (known, list, count) => {
  expect(countNews(items(known), items(list))).toBe(count)
})

test.each([
  ['cb', 'cba', 'cba'],
  ['cb', 'edcba', 'cba'],
  ['cb', 'edc', 'cb'],
  ['', 'ba', ''],
])('of %j stays what it is, with what follows in %j', (known, list, shown) => {
  expect(withLater(items(known), items(list))).toEqual(items(shown))
})
