import { MAX_BACKLOG_BYTES } from '@mindfuse/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import { People } from '../person/people.ts'
import { Backlog } from './backlog.ts'

const MEBIBYTE = 1024 * 1024

let people: People
let backlog: Backlog
beforeEach(() => {
  vi.useFakeTimers()
  people = new People()
  backlog = new Backlog(people)
  return () => vi.useRealTimers()
})

test('LIM-7: a person who reads nothing has a quarter, and others still have theirs', () => {
  while (!backlog.isShareUsedUp('Eve')) backlog.add('Eve', MEBIBYTE)
  expect(backlog.bytes).toBe(MAX_BACKLOG_BYTES / 4)
  backlog.add('Ada', 8 * MEBIBYTE)
  expect(backlog.isShareUsedUp('Ada')).toBe(false)
  backlog.add('Eve', -10 * MEBIBYTE)
  expect(backlog.isShareUsedUp('Eve')).toBe(false)
})

test('LIM-8: what a closed connection did not read counts until it is surely gone', () => {
  backlog.add('Eve', MAX_BACKLOG_BYTES / 2)
  backlog.releaseLater('Eve', MAX_BACKLOG_BYTES / 2)
  vi.advanceTimersByTime(15_000)
  expect(backlog.isShareUsedUp('Eve')).toBe(true)
  vi.advanceTimersByTime(1_000)
  expect(backlog.isShareUsedUp('Eve')).toBe(false)
  expect(backlog.bytes).toBe(0)
  expect(people.find('Eve')).toBeUndefined()
})
