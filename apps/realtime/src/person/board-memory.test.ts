import { beforeEach, expect, test } from 'vitest'
import { BoardMemory } from './board-memory.ts'
import { People } from './people.ts'

const MEBIBYTE = 1024 * 1024

let people: People
let memory: BoardMemory<{ id: string }>
beforeEach(() => {
  people = new People()
  memory = new BoardMemory({ people, maxBytes: 300 * MEBIBYTE })
})

const board = (id = '') => ({ id })

test('LIM-15: a person with their share opens no more, others do', () => {
  const boards = [board(), board(), board()]
  for (const it of boards) {
    expect(memory.roomFor('Eve')).toBe('free')
    memory.charge(it, 'Eve', 30 * MEBIBYTE)
  }
  expect(memory.roomFor('Eve')).toBe('person_full')
  expect(memory.roomFor('Ada')).toBe('free')
  memory.release(boards[0]!)
  expect(memory.roomFor('Eve')).toBe('free')
})

test('LIM-15: 128 MiB are a person’s share, however much there is', () => {
  memory = new BoardMemory({ people, maxBytes: 100_000 * MEBIBYTE })
  memory.charge(board(), 'Eve', 128 * MEBIBYTE)
  expect(memory.roomFor('Eve')).toBe('person_full')
})

test('LIM-15: nobody opens more once all is used', () => {
  for (let i = 0; i < 10; i++) memory.charge(board(), `${i}`, 30 * MEBIBYTE)
  expect(memory.roomFor('Ada')).toBe('gateway_full')
})

test('a board is counted once, with its newest size, for its newest payer', () => {
  const it = board()
  memory.charge(it, 'Eve', 10)
  memory.charge(it, 'Eve', 30)
  memory.charge(it, 'Ada', 40)
  expect(memory.bytes).toBe(40)
  expect(people.find('Eve')).toBeUndefined()
  expect(people.find('Ada')).toMatchObject({ boardBytes: 40 })
  memory.release(it)
  memory.release(it)
  expect(memory.bytes).toBe(0)
  expect(people.find('Ada')).toBeUndefined()
})

test('LIM-16: two boards of a person load at a time, in order, also after one that failed', async () => {
  const started: string[] = []
  const ends: (() => void)[] = []
  const load = (userId: string, name: string) =>
    memory.load(userId, async () => {
      started.push(name)
      await new Promise<void>((resolve, reject) => {
        ends.push(name === '1' ? () => reject(new Error('no')) : resolve)
      })
    })
  const loads = ['1', '2', '3', '4'].map((name) => load('Eve', name))
  const other = load('Ada', 'other')
  expect(started).toEqual(['1', '2', 'other'])
  ends[0]?.()
  await expect(loads[0]).rejects.toThrow('no')
  await expect.poll(() => started).toEqual(['1', '2', 'other', '3'])
  for (const end of ends) end()
  await loads[2]
  await expect.poll(() => started).toEqual(['1', '2', 'other', '3', '4'])
  ends.at(-1)?.()
  await Promise.all([loads[1], loads[3], other])
})
