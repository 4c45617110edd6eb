import { beforeEach, expect, test, vi } from 'vitest'
import { People } from '../person/people.ts'
import type { Connection } from './connection.ts'
import { UnreadDocuments } from './unread-documents.ts'

const MEBIBYTE = 1024 * 1024

let now: number
let people: People
let unread: UnreadDocuments
beforeEach(() => {
  vi.useFakeTimers()
  now = 0
  people = new People()
  unread = new UnreadDocuments(people, () => now)
  return () => vi.useRealTimers()
})

const connectionOf = (userId: string) => ({ userId }) as Connection

test('JOIN-5: a person who reads nothing has a quarter, and others still get theirs', () => {
  const releases = Array.from({ length: 16 }, () => {
    expect(unread.hasRoomFor('Eve')).toBe(true)
    return unread.hold('Eve', MEBIBYTE)
  })
  expect(unread.hasRoomFor('Eve')).toBe(false)
  expect(unread.hasRoomFor('Ada')).toBe(true)
  releases[0]?.()
  expect(unread.hasRoomFor('Eve')).toBe(true)
})

test('JOIN-5: no more is built for anybody once all is used', () => {
  for (const name of ['a', 'b', 'c', 'd']) unread.hold(name, 16 * MEBIBYTE)
  expect(unread.hasRoomFor('Ada')).toBe(false)
})

test('JOIN-5: an answer that waits is built when others are read, the newest of its connection', () => {
  const release = unread.hold('Eve', 20 * MEBIBYTE)
  const built: string[] = []
  const connection = connectionOf('Eve')
  expect(unread.wait(connection, () => built.push('old'))).toBe(true)
  expect(unread.wait(connection, () => built.push('new'))).toBe(true)
  expect(unread.waiting).toBe(1)
  vi.advanceTimersByTime(10_000)
  expect(built).toEqual([])
  release?.()
  vi.advanceTimersByTime(100)
  expect(built).toEqual(['new'])
  expect(unread.waiting).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('JOIN-5: one that waits does not hold back those of others', () => {
  unread.hold('Eve', 20 * MEBIBYTE)
  const built: string[] = []
  unread.wait(connectionOf('Eve'), () => built.push('Eve'))
  unread.wait(connectionOf('Ada'), () => built.push('Ada'))
  vi.advanceTimersByTime(100)
  expect(built).toEqual(['Ada'])
})

test('JOIN-5: ten connections of a person wait at most', () => {
  for (let i = 0; i < 10; i++) {
    expect(unread.wait(connectionOf('Eve'), () => undefined)).toBe(true)
  }
  expect(unread.wait(connectionOf('Eve'), () => undefined)).toBe(false)
  expect(unread.wait(connectionOf('Ada'), () => undefined)).toBe(true)
})

test('JOIN-5: a person’s answers take a tenth of the time, after a burst of half a second', () => {
  people.of('Eve').connections++
  const build = (ms: number) =>
    unread.build('Eve', () => {
      now += ms
    })
  for (let i = 0; i < 6; i++) {
    expect(unread.hasRoomFor('Eve')).toBe(true)
    build(110)
  }
  expect(unread.hasRoomFor('Eve')).toBe(false)
  expect(unread.hasRoomFor('Ada')).toBe(true)
  now += 1_000
  expect(unread.hasRoomFor('Eve')).toBe(true)
})

test('a frame that holds little for itself is not counted, and a closed connection waits no longer', () => {
  expect(unread.hold('Ada', 1_000)).toBeUndefined()
  expect(unread.bytes).toBe(0)
  const connection = connectionOf('Ada')
  unread.wait(connection, () => expect.unreachable())
  unread.forget(connection)
  vi.advanceTimersByTime(1_000)
  expect(unread.waiting).toBe(0)
})

test('nobody is remembered who holds nothing', () => {
  unread.hold('Ada', MEBIBYTE)?.()
  expect(people.find('Ada')).toBeUndefined()
})
