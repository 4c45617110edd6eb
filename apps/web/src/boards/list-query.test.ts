import type { BoardDetails } from '@mindfuse/client'
import { describe, expect, test } from 'vitest'
import { applyListQuery, readListQuery, writeListQuery } from './list-query.ts'

const NOW = Date.parse('2026-11-30T12:00:00Z')

const board = (id: string, name: string, rest: Partial<BoardDetails> = {}) =>
  ({
    id,
    name,
    createdBy: 'me',
    createdAt: '2026-11-01T00:00:00Z',
    updatedAt: '2026-11-29T00:00:00Z',
    ...rest,
  }) as BoardDetails

const BOARDS = [
  board('1', 'Plan 10'),
  board('2', 'plan 9', { createdBy: 'you', updatedAt: '2026-11-30T00:00:00Z' }),
  board('3', 'Café Ideen', { createdBy: null, updatedAt: '2026-11-02T00:00:00Z' }),
  board('4', '白板 Plan', { createdAt: '2026-11-20T00:00:00Z', updatedAt: '2026-11-21T00:00:00Z' }),
]

const found = (search: string) =>
  applyListQuery(BOARDS, readListQuery(search), { userId: 'me', locale: 'en', now: NOW }).map(
    ({ id }) => id,
  )

describe('a list of boards', () => {
  test.each([
    ['', ['2', '1', '4', '3']],
    ['?sort=name', ['3', '2', '1', '4']],
    ['?sort=created', ['4', '3', '2', '1']],
    ['?show=mine', ['1', '4']],
    ['?show=shared', ['2', '3']],
    ['?show=recent', ['2', '1']],
    ['?q=PLAN', ['2', '1', '4']],
    ['?q=plan%2010', ['1']],
    ['?q=10+plan', ['1']],
    ['?q=cafe', ['3']],
    ['?q=%E7%99%BD', ['4']],
    ['?q=plan&show=mine&sort=name', ['1', '4']],
    ['?q=none', []],
    // What an address of later or of elsewhere says is no reason to show nothing.
    ['?show=starred&sort=size&page=2', ['2', '1', '4', '3']],
  ])('at %j is %j', (search, ids) => {
    expect(found(search)).toEqual(ids)
  })

  test.each(['', '?q=a+b&show=mine&sort=name', '?sort=created', '?show=recent'])(
    '%j is written as it was read',
    (search) => {
      expect(writeListQuery(readListQuery(search))).toBe(search)
    },
  )
})
