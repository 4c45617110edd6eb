import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createDragonflySharedState } from '../src/dragonfly/shared-state.ts'
import { createMemoryPermissionCache } from '../src/memory/permission-cache.ts'
import type { PermissionKey } from '../src/permission-cache.ts'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

const TTL_MS = 60_000

let key: PermissionKey
beforeEach(() => {
  key = { boardId: randomUUID(), userId: randomUUID(), sessionId: randomUUID() }
})

describe.each(Object.keys(IMPLEMENTATIONS))('the permission cache %s', (name) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())

  test('what one instance keeps all read, the last that was written', async () => {
    const { one, other } = subject
    expect(await other.permissions.get(key)).toBeUndefined()
    await one.permissions.set(key, 'first')
    await one.permissions.set(key, 'second')
    expect(await other.permissions.get(key)).toBe('second')
  })

  test('keeps boards, people and sessions apart', async () => {
    const { permissions } = subject.one
    await permissions.set(key, 'entry')
    for (const part of ['boardId', 'userId', 'sessionId']) {
      expect(await permissions.get({ ...key, [part]: randomUUID() })).toBeUndefined()
    }
  })

  test('ADM-9: keeps an entry for 60 seconds from when it was last written', async () => {
    const { permissions } = subject.one
    await permissions.set(key, 'entry')
    await subject.pass(TTL_MS - 10_000, key.boardId)
    await permissions.set(key, 'entry')
    await subject.pass(TTL_MS - 10_000, key.boardId)
    expect(await permissions.get(key)).toBe('entry')
    await subject.pass(10_000, key.boardId)
    expect(await permissions.get(key)).toBeUndefined()
  })
})

test('in memory, the entry of 10,000 that was written longest ago makes room', async () => {
  const cache = createMemoryPermissionCache()
  const nth = (i: number) => ({ ...key, userId: `user ${i}` })
  for (let i = 0; i < 10_000; i++) await cache.set(nth(i), 'entry')
  await cache.set(nth(0), 'again')
  await cache.set(key, 'entry')
  expect(await cache.get(nth(0))).toBe('again')
  expect(await cache.get(nth(1))).toBeUndefined()
  expect(await cache.get(nth(2))).toBe('entry')
})

test('on a server, a key is in the slot of its board and ends by itself', async () => {
  const url = inject('redisUrl')
  const raw = new Redis(url)
  const state = createDragonflySharedState({ url, onError: () => undefined })
  await expect
    .poll(() =>
      state.ping().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await state.permissions.set(key, 'entry')
  const { boardId, userId, sessionId } = key
  const name = `board:{${boardId}}:permission:${userId}:${sessionId}`
  expect(await raw.get(name)).toBe('entry')
  expect(await raw.pttl(name)).toBeGreaterThan(TTL_MS - 5_000)
  expect(await raw.pttl(name)).toBeLessThanOrEqual(TTL_MS)
  raw.disconnect()
  await state.close()
})
