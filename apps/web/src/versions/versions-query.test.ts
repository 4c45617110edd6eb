import { expect, test } from 'vitest'
import { readVersionsQuery, writeVersionsQuery } from './versions-query.ts'

test.each([
  ['', { look: 'now', with: undefined }],
  ['?look=a', { look: 'a', with: undefined }],
  ['?look=a&with=now', { look: 'a', with: 'now' }],
  ['?with=b', { look: 'now', with: 'b' }],
])('%j asks for %j', (search, query) => {
  expect(readVersionsQuery(search)).toEqual(query)
  expect(writeVersionsQuery(query)).toBe(search)
})
