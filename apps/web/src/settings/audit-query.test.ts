import { describe, expect, test } from 'vitest'
import { apiQueryOf, readAuditQuery, writeAuditQuery } from './audit-query.ts'

const PERSON = '0190f5fe-7c00-7a00-8000-000000000001'

describe('which entries an address asks for', () => {
  test.each([
    ['', ''],
    [`?person=${PERSON}`, `?person=${PERSON}`],
    ['?action=board.created&from=2026-11-01', '?action=board.created&from=2026-11-01'],
    ['?from=2026-11-01&until=2026-11-30', '?from=2026-11-01&until=2026-11-30'],
    ['?person=me&action=user.deleted&from=today', ''],
  ])('%s is read and written as %s', (search, written) => {
    expect(writeAuditQuery(readAuditQuery(search))).toBe(written)
  })
})

test('the API is asked for days as the user has them, the last one included', () => {
  const query = readAuditQuery(`?person=${PERSON}&from=2026-11-30&until=2026-11-30`)
  const { actorId, from = '', to = '' } = apiQueryOf(query)
  expect(actorId).toBe(PERSON)
  expect(new Date(from)).toEqual(new Date(2026, 10, 30))
  expect(new Date(to)).toEqual(new Date(2026, 11, 1))
})

test('a day that no calendar has is left out', () => {
  expect(apiQueryOf(readAuditQuery('?from=2026-99-99'))).toEqual({})
})
