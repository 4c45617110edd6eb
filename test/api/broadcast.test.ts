import { RATE_LIMITS_PER_MINUTE } from '@mindfuse/api'
import { MAX_BROADCAST_BYTES, MAX_VALUE_DEPTH, type ServerMessage } from '@mindfuse/protocol'
import { callApi, signIn, type WhiteboardClient } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import type { Part } from '../support/cast.ts'
import { testWith } from '../support/fixtures.ts'
import { startStack } from '../support/stack.ts'

type Broadcast = Extract<ServerMessage, { type: 'broadcast' }>

const test = testWith({ gateways: 2 })
  .extend('boardId', ({ cast }) => cast.newBoard())
  .extend(
    'send',
    ({ boardId, cast }) =>
      (part: Part, body: unknown, board = boardId) =>
        cast.call(cast[part], 'POST', `/api/boards/${board}/broadcast`, body),
  )
  .extend(
    'patch',
    ({ cast, boardId }) =>
      (part: Part, body: unknown) =>
        cast.call(cast[part], 'PATCH', `/api/boards/${boardId}`, body),
  )

const broadcastsOf = ({ messages }: WhiteboardClient) =>
  messages.filter((message): message is Broadcast => message.type === 'broadcast')

describe('POST /api/boards/:boardId/broadcast', () => {
  test('CAST-10: reaches everybody on the board, on every gateway, in the caller’s name', async ({
    whiteboard,
    cast,
    send,
  }) => {
    const listeners = [
      await whiteboard(0, cast.owner),
      await whiteboard(1, cast.viewer),
      await whiteboard(1, cast.editor),
    ]
    const payload = { at: [1, 2.5], text: '👋', deep: { none: null } }
    const answer = await send('editor', { event: 'wave', payload })
    expect(answer).toMatchObject({ status: 204, body: '' })
    const { id, name } = cast.editor.user
    for (const listener of listeners) {
      await listener.heard('broadcast')
      expect(broadcastsOf(listener)).toEqual([
        { type: 'broadcast', event: 'wave', payload, user: { id, name }, connectionId: null },
      ])
    }
  })

  test('CAST-10: reaches nobody elsewhere, and is no error where nobody is', async ({
    whiteboard,
    cast,
    send,
  }) => {
    const witness = await whiteboard(0, cast.owner)
    const other = await cast.newBoard()
    expect((await send('editor', { event: 'wave', payload: 'unheard' }, other)).status).toBe(204)
    expect((await send('editor', { event: 'wave', payload: 'heard' })).status).toBe(204)
    await witness.heard('broadcast')
    expect(broadcastsOf(witness).map(({ payload }) => payload)).toEqual(['heard'])
  })

  test.for([
    ['workspaceOwner', 204],
    ['workspaceMember', 204],
    ['owner', 204],
    ['editor', 204],
    ['commenter', 204],
    ['viewer', 204],
    ['stranger', 404],
  ] as const)('CAST-5 CAST-10: by the %s is answered with %i', async ([part, status], { send }) => {
    expect((await send(part, { event: 'wave', payload: 1 })).status).toBe(status)
  })

  test('CAST-5: by a viewer is a 403 where the board says so, and reaches nobody', async ({
    whiteboard,
    cast,
    patch,
    send,
  }) => {
    const witness = await whiteboard(0, cast.owner)
    await patch('owner', { viewersCanBroadcast: false })
    const refused = await send('viewer', { event: 'wave', payload: 'refused' })
    expect(refused.body).toMatchObject({ status: 403, code: 'forbidden' })
    for (const part of ['editor', 'commenter'] as const) {
      expect((await send(part, { event: 'wave', payload: part })).status).toBe(204)
      await witness.heard('broadcast', ({ payload }) => payload === part)
    }
    expect(broadcastsOf(witness).map(({ payload }) => payload)).toEqual(['editor', 'commenter'])
  })

  test('of a board that is in the trash or does not exist is a 404', async ({
    send,
    cast,
    boardId,
  }) => {
    const missing = await send('owner', { event: 'wave', payload: 1 }, crypto.randomUUID())
    expect(missing.body).toMatchObject({ status: 404, code: 'board_not_found' })
    await cast.call(cast.owner, 'DELETE', `/api/boards/${boardId}`)
    expect((await send('owner', { event: 'wave', payload: 1 })).status).toBe(404)
  })

  test('without a token is a 401', async ({ stack, boardId }) => {
    const path = `${stack.apiUrl}/api/boards/${boardId}/broadcast`
    expect((await callApi(path, { body: { event: 'wave', payload: 1 } })).status).toBe(401)
  })

  test.for([
    ['no event', { payload: 1 }, '/event'],
    ['an empty event', { event: '', payload: 1 }, '/event'],
    ['a long event', { event: 'x'.repeat(65), payload: 1 }, '/event'],
    ['no payload', { event: 'wave' }, '/payload'],
    ['a field of its own', { event: 'wave', payload: 1, user: { id: 'x' } }, '/user'],
    ['a payload too deep', { event: 'wave', payload: nested(MAX_VALUE_DEPTH + 1) }, '/payload'],
  ])('with %s is a 400 that points to it', async ([_, body, pointer], { send }) => {
    const { body: problem } = await send('editor', body)
    expect(problem).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
  })

  test('CAST-6: over its size is a 413, and up to it is not', async ({ send }) => {
    const room = MAX_BROADCAST_BYTES - JSON.stringify({ event: 'text', payload: '' }).length
    const sized = (length: number) => send('editor', { event: 'text', payload: 'x'.repeat(length) })
    expect((await sized(room + 1)).body).toMatchObject({ status: 413, code: 'payload_too_large' })
    expect((await sized(room)).status).toBe(204)
  })
})

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

describe('whether viewers may broadcast', () => {
  test('is part of the board, true until it is changed, and shows in the permissions', async ({
    cast,
    boardId,
    patch,
  }) => {
    const get = async (part: Part) =>
      (await cast.call(cast[part], 'GET', `/api/boards/${boardId}`)).body
    expect(await get('viewer')).toMatchObject({
      viewersCanBroadcast: true,
      access: { can: { broadcast: true } },
    })
    const changed = await patch('owner', { viewersCanBroadcast: false })
    expect(changed.body).toMatchObject({
      viewersCanBroadcast: false,
      access: { can: { broadcast: true } },
    })
    expect(changed.headers.get('etag')).not.toBeNull()
    expect(await get('viewer')).toMatchObject({
      viewersCanBroadcast: false,
      access: { can: { broadcast: false } },
    })
    for (const part of ['editor', 'commenter'] as const) {
      expect((await get(part)).access.can.broadcast).toBe(true)
    }
  })

  test.for([
    ['workspaceOwner', 200],
    ['owner', 200],
    ['workspaceMember', 403],
    ['editor', 403],
    ['commenter', 403],
    ['viewer', 403],
    ['stranger', 404],
  ] as const)('the %s who changes it gets %i', async ([part, status], { patch, cast, boardId }) => {
    const answer = await patch(part, { viewersCanBroadcast: false, name: 'Quiet' })
    expect(answer.status).toBe(status)
    const { body } = await cast.call(cast.owner, 'GET', `/api/boards/${boardId}`)
    expect(body).toMatchObject(
      status === 200
        ? { viewersCanBroadcast: false, name: 'Quiet' }
        : { viewersCanBroadcast: true, name: 'Board' },
    )
  })

  test('is a change of access where it is another than before, and no other change is', async ({
    patch,
    cast,
    boardId,
  }) => {
    const accessOf = async (body: unknown) => {
      await patch('owner', body)
      return (await cast.events(boardId)).at(-1)?.access
    }
    const before = await cast.events(boardId)
    expect(await accessOf({ viewersCanBroadcast: true })).toEqual([])
    expect(await accessOf({ name: 'Renamed' })).toEqual([])
    expect(await accessOf({ viewersCanBroadcast: false })).toEqual([{ boardId, version: 2 }])
    expect(await accessOf({ viewersCanBroadcast: false })).toEqual([])
    expect(await accessOf({ viewersCanBroadcast: true })).toEqual([{ boardId, version: 3 }])
    expect(await cast.events(boardId)).toHaveLength(before.length + 5)
    expect((await cast.audit(boardId)).at(-1)).toMatchObject({
      action: 'board.updated',
      changes: { viewersCanBroadcast: true },
    })
  })

  test('goes with a copy of the board', async ({ patch, boardId, cast }) => {
    await patch('owner', { viewersCanBroadcast: false })
    const path = `/api/boards/${boardId}/duplicate`
    const copy = await cast.call(cast.workspaceMember, 'POST', path)
    expect(copy.body).toMatchObject({ viewersCanBroadcast: false })
  })
})

test('CAST-7: more broadcasts in a minute than a person may send are a 429', async () => {
  const FACTOR = 0.02
  const strict = await startStack({ rateLimitFactor: FACTOR, redisDatabase: 3, gateways: 0 })
  const { accessToken: token } = await signIn(strict.apiUrl, 'ada@example.com')
  const limit = RATE_LIMITS_PER_MINUTE.broadcast * FACTOR
  const path = `${strict.apiUrl}/api/boards/${crypto.randomUUID()}/broadcast`
  const body = { event: 'wave', payload: 1 }
  const statuses: number[] = []
  for (let i = 0; i <= limit; i++) statuses.push((await callApi(path, { token, body })).status)
  expect(statuses).toEqual([...Array(limit).fill(404), 429])
})
