import { expect, test } from 'vitest'
import { StoredPosition } from './stored-position.ts'

const position = () => new StoredPosition({ seq: 3, incarnation: 'a' })

test('knows what it stored itself, and what it read, unless others stored in between', () => {
  const it = position()
  expect(it.stored({ seq: 5, incarnation: 'a' }, 2)).toBeUndefined()
  expect(it.knownSeq).toBe(5)
  expect(it.stored({ seq: 8, incarnation: 'a' }, 1)).toBeUndefined()
  expect(it.knownSeq).toBe(5)
  it.read(9)
  it.read(7)
  expect(it.knownSeq).toBe(9)
})

test('STORE-18: a number below what was stored is a loss', () => {
  const it = position()
  expect(it.compare({ seq: 2, incarnation: 'a' }, 3)).toEqual({ from: 2, to: 3 })
  expect(it.compare({ seq: 3, incarnation: 'a' }, 3)).toBeUndefined()
  it.stored({ seq: 6, incarnation: 'a' }, 3)
  expect(it.stored({ seq: 6, incarnation: 'a' }, 1)).toEqual({ from: 5, to: 6 })
})

test('STORE-18: another incarnation may be one, however far it is', () => {
  const it = position()
  expect(it.compare({ seq: 7, incarnation: 'b' }, 3)).toEqual({ from: 7, to: 7 })
  expect(it.stored({ seq: 9, incarnation: 'b' }, 1)).toEqual({ from: 8, to: 8 })
})

test('an API that does not know its database says nothing about it', () => {
  const it = new StoredPosition({ seq: 3, incarnation: undefined })
  expect(it.compare({ seq: 3, incarnation: 'a' }, 3)).toBeUndefined()
  expect(it.compare({ seq: 3, incarnation: undefined }, 3)).toBeUndefined()
  expect(it.compare({ seq: 3, incarnation: 'b' }, 3)).toEqual({ from: 3, to: 3 })
})
