import { describe, expect, test } from 'vitest'
import type { Position } from '../db/keyset.ts'
import { ApiError } from './errors.ts'
import { decodeCursor, toPage } from './pagination.ts'

const AT = '2026-02-03T04:05:06.789Z'
const ID = '0188e5f2-7a3b-7cde-8f01-23456789abcd'

const SORT = '-updatedAt'

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

interface Row {
  n: number
  position: Position
}
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    n,
    position: { after: AT, id: ID.slice(0, -1) + n },
  }))
const page = (rows: Row[], limit: number) =>
  toPage(rows, { limit, sort: SORT, position: (row) => row.position, present: (row) => row.n })

describe('a page', () => {
  test('holds what was read up to its limit, as it is shown', () => {
    expect(page(rowsOf(3), 5)).toEqual({ items: [0, 1, 2], nextCursor: null })
  })

  test('has no next one where the rows end with it', () => {
    expect(page(rowsOf(5), 5)).toEqual({ items: [0, 1, 2, 3, 4], nextCursor: null })
  })

  test('leaves out the row that says there is more, and ends at the one before', () => {
    const { items, nextCursor } = page(rowsOf(6), 5)
    expect(items).toEqual([0, 1, 2, 3, 4])
    expect(decodeCursor(nextCursor ?? undefined, SORT)).toMatchObject(rowsOf(6)[4]!.position)
  })

  test('may be empty', () => {
    expect(page([], 5)).toEqual({ items: [], nextCursor: null })
  })

  test('has a cursor that stands in a URL as it is', () => {
    const { nextCursor } = page(rowsOf(2), 1)
    expect(encodeURIComponent(nextCursor ?? '')).toBe(nextCursor)
  })
})

/** A cursor of this very list, with something changed. */
const cursorOf = (changes: object = {}) => encode({ after: AT, id: ID, sort: SORT, ...changes })

describe('a cursor', () => {
  test('may be missing: the list begins', () => {
    expect(decodeCursor(undefined, SORT)).toBeUndefined()
  })

  test('is the place where the page before ended', () => {
    expect(decodeCursor(cursorOf(), SORT)).toMatchObject({ after: AT, id: ID })
  })

  test('of a list that is sorted by text may stand after any text', () => {
    for (const after of ['', 'Zebra', '😀', "' OR 1=1 --"]) {
      expect(decodeCursor(cursorOf({ after }), SORT, 'text')).toMatchObject({ after, id: ID })
    }
  })

  const NONE: [string, string][] = [
    ['nothing', ''],
    ['text', 'next'],
    ['base64url of nothing readable', Buffer.from([0xff, 0xfe, 0]).toString('base64url')],
    ['JSON that was not encoded', JSON.stringify({ after: AT, id: ID, sort: SORT })],
    ['JSON cut short', cursorOf().slice(0, -4)],
    ['null', encode('null')],
    ['a list', encode([AT, ID, SORT])],
    ['a number', encode(17)],
    ['a place without an id', cursorOf({ id: undefined })],
    ['an id that is none', cursorOf({ id: "' OR 1=1 --" })],
    ['an id of another type', cursorOf({ id: 1 })],
    ['a place without an end', cursorOf({ after: undefined })],
    ['an end of another type', cursorOf({ after: 1 })],
    ['a place in a list without an order', cursorOf({ sort: undefined })],
    ['a place in a list of another order', cursorOf({ sort: 'name' })],
  ]
  const NO_TIME: [string, string][] = [
    ['a time that is none', cursorOf({ after: 'yesterday' })],
    ['a day without a time', cursorOf({ after: '2026-02-03' })],
    ['a day that no month has', cursorOf({ after: '2026-02-30T00:00:00Z' })],
    ['an hour that no day has', cursorOf({ after: '2026-02-03T25:00:00Z' })],
    // RFC 3339 has it, neither Date nor Postgres reads it.
    ['a leap second', cursorOf({ after: '2016-12-31T23:59:60Z' })],
  ]
  const refusal = (cursor: string, kind: 'time' | 'text') => {
    try {
      return decodeCursor(cursor, SORT, kind)
    } catch (error) {
      return error
    }
  }

  test.each(NONE)('is not %s', (_, cursor) => {
    for (const kind of ['time', 'text'] as const) {
      expect(refusal(cursor, kind)).toBeInstanceOf(ApiError)
    }
  })

  test.each(NO_TIME)('of a list that is sorted by time is not %s', (_, cursor) => {
    expect(refusal(cursor, 'time')).toBeInstanceOf(ApiError)
  })

  test('that is refused is reported as a parameter of the query', () => {
    expect(refusal('next', 'time')).toMatchObject({
      status: 400,
      code: 'invalid_cursor',
      errors: [{ pointer: '/query/cursor' }],
    })
  })
})
