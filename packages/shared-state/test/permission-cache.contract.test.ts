import { randomUUID } from 'node:crypto'
import type { PermissionReply } from '@mindfuse/internal'
import { eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createDragonflySharedState } from '../src/dragonfly/shared-state.ts'
import { createMemoryPermissionCache } from '../src/memory/permission-cache.ts'
import type { PermissionCache } from '../src/permission-cache.ts'

/** An implementation under test, and a way to let time pass for it. */
interface Subject {
  cache: PermissionCache
  pass(seconds: number): Promise<void>
  close(): Promise<void>
}

const TTL_SECONDS = 300

const IMPLEMENTATIONS: Record<string, () => Promise<Subject>> = {
  'in memory': async () => {
    let now = 1_000_000
    return {
      cache: createMemoryPermissionCache(() => now),
      pass: async (seconds) => {
        now += seconds * 1_000
      },
      close: async () => undefined,
    }
  },

  'on a server of the Redis protocol': async () => {
    const url = inject('redisUrl')
    const state = createDragonflySharedState({ url, onError: () => undefined })
    const raw = new Redis(url)
    await eventually('the server answers', () => state.ping().then(() => true))
    return {
      cache: state.permissions,
      // The server's clock cannot be moved: its keys lose of their time what passes.
      async pass(seconds) {
        for (const key of await raw.keys(`board:{${boardId}}:permission:*`)) {
          const left = (await raw.pttl(key)) - seconds * 1_000
          await raw.pexpire(key, Math.max(left, 0))
        }
      },
      async close() {
        raw.disconnect()
        await state.close()
      },
    }
  },
}

const editor = (version: number): PermissionReply => ({
  role: 'editor',
  version,
  canBroadcast: true,
})

let boardId: string
let userId: string
beforeEach(() => {
  boardId = randomUUID()
  userId = randomUUID()
})

describe.each(Object.keys(IMPLEMENTATIONS))('the permission cache %s', (name) => {
  let subject: Subject
  let cache: PermissionCache
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
    cache = subject.cache
  })
  afterAll(() => subject.close())

  test('knows nothing that it was not told', async () => {
    expect(await cache.get(boardId, userId)).toBeUndefined()
    await cache.raiseVersion(boardId, 3)
    expect(await cache.get(boardId, userId)).toBeUndefined()
  })

  test.each(['owner', 'editor', 'viewer', null] as const)('keeps the role %s', async (role) => {
    await cache.set(boardId, userId, { role, version: 7, canBroadcast: false })
    expect(await cache.get(boardId, userId)).toEqual({ role, version: 7, canBroadcast: false })
    expect(await cache.get(boardId, userId)).toEqual({ role, version: 7, canBroadcast: false })
  })

  test('gives the answer it was told last', async () => {
    await cache.set(boardId, userId, editor(1))
    await cache.set(boardId, userId, { role: 'viewer', version: 2, canBroadcast: true })
    expect(await cache.get(boardId, userId)).toEqual({
      role: 'viewer',
      version: 2,
      canBroadcast: true,
    })
  })

  test('keeps boards and people apart', async () => {
    const otherBoard = randomUUID()
    const otherUser = randomUUID()
    await cache.set(boardId, userId, editor(1))
    expect(await cache.get(boardId, otherUser)).toBeUndefined()
    expect(await cache.get(otherBoard, userId)).toBeUndefined()

    await cache.set(otherBoard, userId, editor(1))
    await cache.raiseVersion(boardId, 2)
    expect(await cache.get(boardId, userId)).toBeUndefined()
    expect(await cache.get(otherBoard, userId)).toEqual(editor(1))
  })

  test('forgets what everybody might do on a board whose access changed', async () => {
    const otherUser = randomUUID()
    await cache.set(boardId, userId, editor(1))
    await cache.set(boardId, otherUser, { role: null, version: 1, canBroadcast: false })
    await cache.raiseVersion(boardId, 2)
    expect(await cache.get(boardId, userId)).toBeUndefined()
    expect(await cache.get(boardId, otherUser)).toBeUndefined()
  })

  test('takes answers of the version that was announced, and of a later one', async () => {
    await cache.raiseVersion(boardId, 2)
    await cache.set(boardId, userId, editor(2))
    expect(await cache.get(boardId, userId)).toEqual(editor(2))
    await cache.set(boardId, userId, editor(3))
    expect(await cache.get(boardId, userId)).toEqual(editor(3))
  })

  test('ADM-9: does not count what a slow reader asked before a change and writes after it', async () => {
    await cache.raiseVersion(boardId, 2)
    await cache.set(boardId, userId, editor(1))
    expect(await cache.get(boardId, userId)).toBeUndefined()
  })

  test('never lowers the version of a board: changes may be announced out of order', async () => {
    await cache.set(boardId, userId, editor(2))
    await cache.raiseVersion(boardId, 3)
    await cache.raiseVersion(boardId, 2)
    expect(await cache.get(boardId, userId)).toBeUndefined()
    await cache.raiseVersion(boardId, 3)
    await cache.set(boardId, userId, editor(3))
    expect(await cache.get(boardId, userId)).toEqual(editor(3))
  })

  test('compares versions as numbers, not as text', async () => {
    await cache.raiseVersion(boardId, 9)
    await cache.raiseVersion(boardId, 10)
    await cache.set(boardId, userId, editor(9))
    expect(await cache.get(boardId, userId)).toBeUndefined()
    await cache.set(boardId, userId, editor(2 ** 52))
    await cache.raiseVersion(boardId, 2 ** 52)
    expect(await cache.get(boardId, userId)).toEqual(editor(2 ** 52))
    await cache.raiseVersion(boardId, 2 ** 52 + 1)
    expect(await cache.get(boardId, userId)).toBeUndefined()
  })

  test('ends up at the highest of versions that are announced at once', async () => {
    await Promise.all([3, 9, 1, 10, 2].map((version) => cache.raiseVersion(boardId, version)))
    await cache.set(boardId, userId, editor(9))
    expect(await cache.get(boardId, userId)).toBeUndefined()
    await cache.set(boardId, userId, editor(10))
    expect(await cache.get(boardId, userId)).toEqual(editor(10))
  })

  test('ADM-9: keeps an answer for 300 seconds, absence of access too', async () => {
    const otherUser = randomUUID()
    await cache.set(boardId, userId, editor(1))
    await cache.set(boardId, otherUser, { role: null, version: 1, canBroadcast: false })
    await subject.pass(TTL_SECONDS - 10)
    expect(await cache.get(boardId, userId)).toEqual(editor(1))
    expect(await cache.get(boardId, otherUser)).toEqual({
      role: null,
      version: 1,
      canBroadcast: false,
    })
    await subject.pass(10)
    expect(await cache.get(boardId, userId)).toBeUndefined()
    expect(await cache.get(boardId, otherUser)).toBeUndefined()
  })

  test('starts the time anew with each answer', async () => {
    await cache.set(boardId, userId, editor(1))
    await subject.pass(TTL_SECONDS - 10)
    await cache.set(boardId, userId, editor(1))
    await subject.pass(TTL_SECONDS - 10)
    expect(await cache.get(boardId, userId)).toEqual(editor(1))
  })
})

describe('in memory, so that a process does not grow without end', () => {
  test('10,000 boards are remembered; the one written longest ago makes room', async () => {
    const cache = createMemoryPermissionCache()
    for (let i = 0; i < 10_000; i++) await cache.set(`board-${i}`, userId, editor(1))
    expect(await cache.get('board-0', userId)).toEqual(editor(1))
    await cache.set('board-0', userId, editor(2))
    await cache.raiseVersion('board-new', 1)
    expect(await cache.get('board-0', userId)).toEqual(editor(2))
    expect(await cache.get('board-1', userId)).toBeUndefined()
    expect(await cache.get('board-2', userId)).toEqual(editor(1))
  })

  test('1,000 people are remembered for a board; the one written longest ago makes room', async () => {
    const cache = createMemoryPermissionCache()
    for (let i = 0; i < 1_000; i++) await cache.set(boardId, `user-${i}`, editor(1))
    await cache.set(boardId, 'user-0', editor(1))
    await cache.set(boardId, 'user-new', editor(1))
    expect(await cache.get(boardId, 'user-0')).toEqual(editor(1))
    expect(await cache.get(boardId, 'user-1')).toBeUndefined()
    expect(await cache.get(boardId, 'user-new')).toEqual(editor(1))
  })
})

describe('on a server, for other instances and releases', () => {
  let raw: Redis
  let first: Awaited<ReturnType<typeof connect>>
  let second: Awaited<ReturnType<typeof connect>>

  async function connect() {
    const url = inject('redisUrl')
    const state = createDragonflySharedState({ url, onError: () => undefined })
    await eventually('the server answers', () => state.ping().then(() => true))
    return state
  }

  beforeAll(async () => {
    raw = new Redis(inject('redisUrl'))
    first = await connect()
    second = await connect()
  })
  afterAll(async () => {
    raw.disconnect()
    await first.close()
    await second.close()
  })

  test('what one instance keeps or announces counts for all', async () => {
    await first.permissions.set(boardId, userId, editor(1))
    expect(await second.permissions.get(boardId, userId)).toEqual(editor(1))
    await second.permissions.raiseVersion(boardId, 2)
    expect(await first.permissions.get(boardId, userId)).toBeUndefined()
  })

  test('the keys are named as DESIGN.md says, share a slot, and end by themselves', async () => {
    await first.permissions.set(boardId, userId, { ...editor(4), extra: true } as PermissionReply)
    await first.permissions.raiseVersion(boardId, 4)
    const entryKey = `board:{${boardId}}:permission:${userId}`
    const versionKey = `board:{${boardId}}:access-version`
    expect((await raw.keys(`*${boardId}*`)).sort()).toEqual([versionKey, entryKey].sort())
    expect(JSON.parse((await raw.get(entryKey)) ?? '')).toEqual(editor(4))
    expect(await raw.get(versionKey)).toBe('4')

    const entryTtl = await raw.ttl(entryKey)
    expect(entryTtl).toBeGreaterThan(TTL_SECONDS - 5)
    expect(entryTtl).toBeLessThanOrEqual(TTL_SECONDS)
    // Or an entry that a slow reader wrote at the old version would outlive the new version.
    expect(await raw.ttl(versionKey)).toBeGreaterThan(2 * TTL_SECONDS)
  })

  test('announcing a version again makes it last again', async () => {
    await first.permissions.raiseVersion(boardId, 4)
    await raw.expire(`board:{${boardId}}:access-version`, 10)
    await first.permissions.raiseVersion(boardId, 4)
    expect(await raw.ttl(`board:{${boardId}}:access-version`)).toBeGreaterThan(TTL_SECONDS)
  })

  test.each([
    '{}',
    'null',
    '[]',
    '{"role":"admin","version":1}',
    '{"role":"editor"}',
    '{"role":"editor","version":"1"}',
    '{"role":"editor","version":-1}',
  ])('an entry that another release wrote differently counts as none: %s', async (text) => {
    await raw.set(`board:{${boardId}}:permission:${userId}`, text, 'EX', 60)
    expect(await first.permissions.get(boardId, userId)).toBeUndefined()
  })
})
