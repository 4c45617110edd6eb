import { expect, test } from 'vitest'
import { StoredPosition } from '../sync/stored-position.ts'
import { ClosedBoards } from './closed-boards.ts'

const at = (seq: number) => ({ seq, incarnation: 'a' })

test('what is lost of a board is reported once', () => {
  const boards = new ClosedBoards()
  boards.add('kept', new StoredPosition(at(5)))
  boards.add('behind', new StoredPosition(at(5)))
  boards.add('gone', new StoredPosition(at(5)))
  boards.add('deleted', new StoredPosition(at(5)))
  expect(boards.compare('kept', at(5))).toBeUndefined()
  expect(boards.compare('behind', { seq: 2, incarnation: 'b' })).toEqual({ from: 2, to: 5 })
  expect(boards.compare('behind', at(2))).toBeUndefined()
  expect(boards.compare('gone', { seq: undefined, incarnation: 'b' })).toEqual({ from: 0, to: 5 })
  expect(boards.compare('deleted', { seq: undefined, incarnation: 'a' })).toBeUndefined()
  expect(boards.next(9)).toEqual(['kept'])
})

test('counts what this gateway stored last, although others had stored before', () => {
  const position = new StoredPosition(at(1))
  position.stored(at(9), 1)
  const boards = new ClosedBoards()
  boards.add('board', position)
  expect(boards.compare('board', at(8))).toEqual({ from: 8, to: 9 })
})

test('looks at all boards by turns, and not at those that are open again', () => {
  const boards = new ClosedBoards()
  for (const board of ['a', 'b', 'c', 'd']) boards.add(board, new StoredPosition(at(1)))
  boards.delete('d')
  const seen = []
  for (let i = 0; i < 2; i++) {
    const next = boards.next(2)
    seen.push(...next)
    for (const board of next) boards.compare(board, at(1))
  }
  expect(seen).toEqual(['a', 'b', 'c', 'a'])
})

test('remembers 10,000 boards', () => {
  const boards = new ClosedBoards()
  for (let i = 0; i <= 10_000; i++) boards.add(`${i}`, new StoredPosition(at(1)))
  expect(boards.size).toBe(10_000)
  expect(boards.next(1)).toEqual(['1'])
})
