import type { PermissionReply } from '@mindfuse/internal'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState, type PermissionCache } from '@mindfuse/shared-state'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ApiClient } from '../storage/api-client.ts'
import { createApiAccess } from './api-access.ts'
import { createPermissionLookup } from './permissions.ts'
import { Refusal } from './refusal.ts'

const editor: PermissionReply = { role: 'editor', version: 3, canBroadcast: true }
const noAccess: PermissionReply = { role: null, version: 3, canBroadcast: false }

let answer: PermissionReply | Error
let asked: string[]
let warnings: string[]
let outcomes: string[]
let cache: PermissionCache
let cacheFails: { get?: boolean; set?: boolean }
let lookup: (boardId: string, userId: string) => Promise<PermissionReply>

beforeEach(() => {
  answer = editor
  asked = []
  warnings = []
  cacheFails = {}
  const memory = createMemorySharedState().permissions
  cache = {
    ...memory,
    get: (...args) =>
      cacheFails.get ? Promise.reject(new Error('cache is away')) : memory.get(...args),
    set: (...args) =>
      cacheFails.set ? Promise.reject(new Error('cache is away')) : memory.set(...args),
  }
  const api: Pick<ApiClient, 'authorizations'> = {
    async authorizations(connections) {
      for (const { boardId, userId } of connections) asked.push(`${boardId} ${userId}`)
      if (answer instanceof Error) throw answer
      return connections.map(() => ({
        ...(answer as PermissionReply),
        boardExists: true,
        sessionLives: true,
      }))
    },
  }
  const log = createLogger(
    { service: 'test', level: 'warn' },
    { write: (line) => void warnings.push(JSON.parse(line).msg) },
  )
  outcomes = []
  const permissionOf = createPermissionLookup({
    cache,
    askApi: createApiAccess(api as ApiClient),
    log,
    onLookup: (outcome) => outcomes.push(outcome),
  })
  lookup = (boardId, userId) => permissionOf({ boardId, userId, sessionId: 'session' })
})

describe('a role', () => {
  test.each([editor, noAccess])('that nobody asked for yet comes from the API: %j', async (it) => {
    answer = it
    expect(await lookup('board', 'user')).toEqual(it)
    expect(asked).toEqual(['board user'])
    expect(await cache.get('board', 'user')).toEqual(it)
  })

  test.each([editor, noAccess])('that is cached is not asked for again: %j', async (it) => {
    answer = it
    await lookup('board', 'user')
    answer = new Error('must not be asked')
    expect(await lookup('board', 'user')).toEqual(it)
    expect(asked).toHaveLength(1)
  })

  test('of another user, or on another board, is looked up', async () => {
    await lookup('board', 'user')
    await lookup('board', 'other user')
    await lookup('other board', 'user')
    expect(asked).toEqual(['board user', 'board other user', 'other board user'])
  })

  test('is asked for again once the access of its board changed', async () => {
    await lookup('board', 'user')
    await cache.raiseVersion('board', 4)
    answer = { role: 'viewer', version: 4, canBroadcast: false }
    expect(await lookup('board', 'user')).toEqual(answer)
    expect(await lookup('board', 'user')).toEqual(answer)
    expect(asked).toHaveLength(2)
  })
})

describe('a cache', () => {
  test('that cannot be read costs only the shortcut', async () => {
    cacheFails = { get: true }
    expect(await lookup('board', 'user')).toEqual(editor)
    expect(await lookup('board', 'user')).toEqual(editor)
    expect(asked).toHaveLength(2)
    expect(new Set(warnings)).toEqual(new Set(['permission cache cannot be read']))
  })

  test('that cannot be written costs only the shortcut', async () => {
    cacheFails = { set: true }
    expect(await lookup('board', 'user')).toEqual(editor)
    expect(warnings).toEqual(['permission cache cannot be written'])
  })
})

describe('an API that cannot answer', () => {
  test.each([{}, { get: true, set: true }])('is a refusal, never a role: %j', async (fails) => {
    cacheFails = fails
    answer = new Error('connection refused')
    const refusal = await lookup('board', 'user').catch((error) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({ status: 503, code: 'permission_unavailable', cause: answer })
    expect(refusal.message).not.toContain('connection refused')
  })

  test('is not remembered', async () => {
    answer = new Error('connection refused')
    await lookup('board', 'user').catch(() => undefined)
    answer = editor
    expect(await lookup('board', 'user')).toEqual(editor)
  })

  test('does not matter to those whose role is cached', async () => {
    await lookup('board', 'user')
    answer = new Error('connection refused')
    expect(await lookup('board', 'user')).toEqual(editor)
  })
})
