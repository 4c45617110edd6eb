import type { AccessChanges } from '@mindfuse/internal'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type KeptAnswer, RecentChanges } from './recent-changes.ts'

const HERE = 'this database'

let recent: RecentChanges
beforeEach(() => {
  vi.useFakeTimers()
  recent = new RecentChanges()
  recent.restart({ upTo: 10, incarnation: HERE })
  hear(10, 10)
})
afterEach(() => {
  vi.useRealTimers()
})

/** What the API answers now. */
function hear(after: number, upTo: number, over: Partial<AccessChanges> = {}) {
  const changes = { access: [], sessions: [], incarnation: HERE, ...over }
  return recent.continueWith({ kind: 'changes', after, upTo, ...changes }, performance.now())
}

const change = (boardId: string, version: number) => ({
  access: [{ boardId, version }],
  sessions: [] as string[],
})

const kept = (over: Partial<KeptAnswer> = {}): KeptAnswer => ({
  ...{ boardId: 'board', sessionId: 'session', version: 3, asOf: 10, incarnation: HERE },
  ...over,
})

describe('ADM-9: an answer that was kept', () => {
  test('is proved by all changes since, none of which concerns it', () => {
    hear(10, 12, { ...change('another', 9), sessions: ['another'] })
    expect(recent.proves(kept())).toBe(true)
  })

  test('is proved also where it is newer than what is known here', () => {
    expect(recent.proves(kept({ asOf: 11 }))).toBe(true)
  })

  test.each<[string, Partial<AccessChanges>]>([
    ['access to its board has changed since', change('board', 4)],
    ['its session has ended', { sessions: ['session'] }],
  ])('is not where %s', (_, since) => {
    hear(10, 11, since)
    expect(recent.proves(kept())).toBe(false)
    // Nor if it is written again later.
    vi.advanceTimersByTime(60_000)
    hear(11, 12)
    expect(recent.proves(kept())).toBe(false)
  })

  test('is proved by its version, also where the number of the change is to come', () => {
    hear(10, 10, change('board', 3))
    expect(recent.proves(kept())).toBe(true)
    expect(recent.proves(kept({ version: 2 }))).toBe(false)
  })

  test('is not where changes before it are unknown, and is once they are', () => {
    expect(recent.proves(kept({ asOf: 9 }))).toBe(false)
    hear(5, 10, change('board', 3))
    expect(recent.proves(kept({ asOf: 9 }))).toBe(true)
    expect(recent.proves(kept({ asOf: 4 }))).toBe(false)
  })

  test('is not where a change since was forgotten', () => {
    hear(10, 11, change('board', 4))
    vi.advanceTimersByTime(121_000)
    hear(11, 12)
    expect(recent.isUpToDate(kept())).toBe(true)
    expect(recent.proves(kept())).toBe(false)
    expect(recent.proves(kept({ asOf: 11, version: 4 }))).toBe(true)
  })

  test('is not where there were so many changes since that some were forgotten', () => {
    hear(10, 11, change('board', 4))
    for (let i = 0; i < 10; i++) {
      const access = Array.from({ length: 1_000 }, (_, j) => ({ boardId: `${i} ${j}`, version: 1 }))
      hear(11 + i, 12 + i, { access })
    }
    expect(recent.isUpToDate({ boardId: 'board', version: 3, sessionId: 'session' })).toBe(true)
    expect(recent.proves(kept())).toBe(false)
  })

  test('is not where some of many changes had no number yet, until all are known again', () => {
    recent.add(change('board', 4))
    for (let i = 0; i < 10_000; i++) recent.add(change(`${i}`, 1))
    expect(recent.proves(kept())).toBe(false)
    hear(10, 11, change('board', 4))
    expect(recent.proves(kept())).toBe(false)
    expect(recent.proves(kept({ version: 4 }))).toBe(true)
  })

  test('keeps the number of a change that comes again without one', () => {
    hear(10, 11, change('board', 4))
    vi.advanceTimersByTime(60_000)
    recent.add(change('board', 4))
    vi.advanceTimersByTime(121_000)
    hear(11, 11)
    expect(recent.proves(kept())).toBe(false)
  })

  test('is not once nobody has answered for 3 seconds', () => {
    vi.advanceTimersByTime(3_000)
    expect(recent.proves(kept())).toBe(true)
    vi.advanceTimersByTime(1)
    expect(recent.proves(kept())).toBe(false)
    // Said over pub/sub: when is not known.
    const said = { after: 10, upTo: 10, access: [], sessions: [], incarnation: HERE }
    recent.continueWith({ kind: 'changes', ...said }, Number.NEGATIVE_INFINITY)
    expect(recent.proves(kept())).toBe(false)
    hear(10, 10)
    expect(recent.proves(kept())).toBe(true)
  })

  test('is not where changes were too many to be said, until the next answer', () => {
    recent.restart({ upTo: 20, incarnation: HERE })
    expect(recent.proves(kept({ asOf: 20 }))).toBe(false)
    hear(20, 20)
    expect(recent.proves(kept({ asOf: 20 }))).toBe(true)
    expect(recent.proves(kept({ asOf: 19 }))).toBe(false)
  })

  test('is proved by time that passes, not by a clock that can be set', () => {
    vi.advanceTimersByTime(2_000)
    for (const time of [0, Date.now() + 86_400_000]) {
      vi.setSystemTime(time)
      expect(recent.proves(kept())).toBe(true)
    }
    vi.advanceTimersByTime(1_001)
    vi.setSystemTime(0)
    expect(recent.proves(kept())).toBe(false)
  })
})

describe('ADM-9: after the database went back', () => {
  test.each([
    ['to lower numbers', { upTo: 5, incarnation: HERE }],
    ['as another one', { upTo: 50, incarnation: 'another' }],
  ])('%s, nothing is known and nothing proved for two minutes', (_, there) => {
    hear(10, 11, change('board', 9))
    recent.restart(there)
    hear(there.upTo, there.upTo, there)
    expect(recent.isUpToDate(kept())).toBe(true)
    expect(recent.proves(kept({ asOf: 60, incarnation: there.incarnation }))).toBe(false)
    vi.advanceTimersByTime(121_000)
    hear(there.upTo, there.upTo, there)
    expect(recent.proves(kept({ asOf: 60, incarnation: there.incarnation }))).toBe(true)
  })

  test('an answer of the one before is never proved', () => {
    expect(recent.proves(kept({ incarnation: 'another' }))).toBe(false)
    expect(hear(10, 11, { incarnation: 'another' })).toBeUndefined()
  })
})

test('changes that do not go on from what is known are not taken', () => {
  expect(hear(11, 12)).toBeUndefined()
  expect(recent.upTo).toBe(10)
  expect(new RecentChanges().upTo).toBeUndefined()
})

test('what is new is told once', () => {
  const changes = { ...change('board', 4), sessions: ['session'] }
  expect(hear(10, 11, changes)).toEqual({ boardIds: ['board'], sessionIds: new Set(['session']) })
  expect(hear(10, 11, changes)).toEqual({ boardIds: [], sessionIds: new Set() })
})
