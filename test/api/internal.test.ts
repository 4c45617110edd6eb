import { openDatabase } from '@mindfuse/api'
import {
  type BoardUpdates,
  decodeStoredDocument,
  encodeUpdateBatch,
  type UpdateBatchReply,
} from '@mindfuse/internal'
import { callApi, createBoard } from '@mindfuse/testing'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend(
    'authorization',
    ({ stack }) =>
      () =>
        `Internal-Secret ${stack.internalSecret}`,
  )
  .extend(
    'newBoard',
    ({ stack, ada }) =>
      () =>
        createBoard(stack.apiUrl, ada.accessToken),
  )
  .extend('get', ({ stack, authorization }) => (path: string) => {
    return fetch(`${stack.apiUrl}/internal${path}`, { headers: { authorization: authorization() } })
  })
  .extend(
    'append',
    ({ stack, authorization }) =>
      async (batch: BoardUpdates[]): Promise<UpdateBatchReply['results']> => {
        const response = await fetch(`${stack.apiUrl}/internal/updates`, {
          method: 'POST',
          headers: { authorization: authorization(), 'content-type': 'application/octet-stream' },
          body: encodeUpdateBatch(batch),
        })
        expect(response.status).toBe(200)
        return ((await response.json()) as UpdateBatchReply).results
      },
  )
  .extend(
    'batchOf',
    ({ ada }) =>
      (boardId: string, ...updates: Uint8Array[]): BoardUpdates => ({
        boardId,
        updates: updates.map((update) => ({ userId: ada.user.id, update })),
      }),
  )
  .extend('stored', ({ get }) => async (boardId: string, after = 0) => {
    const response = await get(`/boards/${boardId}/document?after=${after}`)
    return decodeStoredDocument(new Uint8Array(await response.arrayBuffer()))
  })

type Appended = UpdateBatchReply['results'][number]

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('the internal routes', () => {
  test('STORE-9: answer nobody without the secret', async ({ stack, ada }) => {
    const path = `${stack.apiUrl}/internal/boards/${crypto.randomUUID()}/permission`
    for (const sent of [undefined, 'Internal-Secret wrong', `Bearer ${stack.internalSecret}`]) {
      const answer = await callApi(`${path}?userId=${ada.user.id}`, {
        headers: sent ? { authorization: sent } : {},
      })
      expect(answer.body).toMatchObject({ status: 401, code: 'internal_secret_required' })
    }
  })

  test('say the role, its version and whether to broadcast; none for a stranger, a trashed and a missing board', async ({
    newBoard,
    get,
    ada,
    stack,
  }) => {
    const boardId = await newBoard()
    const permission = async (board: string, user: string) =>
      (await get(`/boards/${board}/permission?userId=${user}`)).json()
    expect(await permission(boardId, ada.user.id)).toEqual({
      role: 'owner',
      version: 1,
      canBroadcast: true,
    })
    const none = { role: null, version: 1, canBroadcast: false }
    expect(await permission(boardId, crypto.randomUUID())).toEqual(none)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [boardId])
    expect(await permission(boardId, ada.user.id)).toEqual(none)
    expect(await permission(crypto.randomUUID(), ada.user.id)).toEqual({ ...none, version: 0 })
  })
})

describe('stored documents', () => {
  test('STORE-18: are of a database that every answer names', async ({
    newBoard,
    get,
    stack,
    authorization,
    batchOf,
  }) => {
    const boardId = await newBoard()
    const post = async (path: string, type: string, body: NonNullable<RequestInit['body']>) => {
      const headers = { authorization: authorization(), 'content-type': type }
      const answer = await fetch(`${stack.apiUrl}/internal${path}`, {
        method: 'POST',
        headers,
        body,
      })
      return (await answer.json()) as { incarnation?: string }
    }
    const positions = (boardIds: string[]) =>
      post('/positions', 'application/json', JSON.stringify({ boardIds }))
    const batch = encodeUpdateBatch([batchOf(boardId, bytes(1))])
    const document = await get(`/boards/${boardId}/document`)
    const named = [
      (await positions([boardId])).incarnation,
      (await positions([])).incarnation,
      (await post('/updates', 'application/octet-stream', batch)).incarnation,
      document.headers.get('mindfuse-database-incarnation'),
    ]
    const [{ id }] = await stack.database.query(
      'SELECT system_identifier AS id FROM pg_control_system()',
      [],
    )
    expect(new Set(named)).toEqual(new Set([`${id}/00000001`]))
  })

  test('STORE-5: are what was appended, in order, after what is known', async ({
    newBoard,
    stored,
    append,
    batchOf,
  }) => {
    const boardId = await newBoard()
    expect(await stored(boardId)).toEqual({ seq: 0, snapshot: null, updates: [], seqs: [] })
    expect(await append([batchOf(boardId, bytes(1), bytes(2))])).toEqual([
      { boardId, status: 'stored', seq: 2 },
    ])
    await append([batchOf(boardId, bytes(3))])
    const all = await stored(boardId)
    expect(all.seq).toBe(3)
    expect(all.updates.map((update) => [...update])).toEqual([[1], [2], [3]])
    expect((await stored(boardId, 2)).updates.map((update) => [...update])).toEqual([[3]])
  })

  test('STORE-5: begin with the snapshot, where that holds anything unknown', async ({
    newBoard,
    append,
    batchOf,
    stack,
    stored,
  }) => {
    const boardId = await newBoard()
    await append([batchOf(boardId, bytes(1), bytes(2), bytes(3))])
    await stack.database.query(
      `UPDATE board_documents SET snapshot = '\\x0909', snapshot_seq = 2 WHERE board_id = $1`,
      [boardId],
    )
    await stack.database.query('DELETE FROM board_updates WHERE board_id = $1 AND seq <= 2', [
      boardId,
    ])
    const shape = async (after: number) => {
      const { snapshot, updates } = await stored(boardId, after)
      return [snapshot && [...snapshot], updates.map((update) => [...update])]
    }
    expect(await shape(0)).toEqual([[9, 9], [[3]]])
    expect(await shape(1)).toEqual([[9, 9], [[3]]])
    expect(await shape(2)).toEqual([null, [[3]]])
    expect(await shape(3)).toEqual([null, []])
  })

  test('STORE-2: of a board that is gone are a 404, and its updates fail alone', async ({
    newBoard,
    stack,
    get,
    append,
    batchOf,
  }) => {
    const [alive, trashed, missing] = [await newBoard(), await newBoard(), crypto.randomUUID()]
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [trashed])
    expect((await get(`/boards/${trashed}/document`)).status).toBe(404)
    const results = await append([trashed, alive, missing].map((id) => batchOf(id, bytes(1))))
    expect(results).toEqual([
      { boardId: trashed, status: 'rejected', code: 'board_gone' },
      { boardId: alive, status: 'stored', seq: 1 },
      { boardId: missing, status: 'rejected', code: 'board_gone' },
    ])
  })

  test('STORE-3 STORE-4: get gapless numbers from many gateways at once, and batches never block each other', async ({
    newBoard,
    append,
    batchOf,
  }) => {
    const boards = await Promise.all(Array.from({ length: 5 }, newBoard))
    const BATCHES = 60
    /** As a gateway does: sends a board that is busy again, alone. */
    const appendAll = async (batch: BoardUpdates[]): Promise<Appended[]> => {
      const results = await append(batch)
      return Promise.all(
        results.map(async (result, i): Promise<Appended> => {
          if (result.status !== 'busy') return result
          const [again] = await appendAll([batch[i]!])
          return again!
        }),
      )
    }
    const results = await Promise.all(
      Array.from({ length: BATCHES }, (_, i) => {
        // Each batch names the boards in another order: locks taken so would deadlock.
        const order = i % 2 ? boards : [...boards].reverse()
        return appendAll(order.map((boardId) => batchOf(boardId, bytes(i), bytes(i))))
      }),
    )
    for (const boardId of boards) {
      const seqs = results
        .flat()
        .filter((result) => result.boardId === boardId)
        .map((result) => (result as { seq: number }).seq)
      expect(seqs.sort((a, b) => a - b)).toEqual(
        Array.from({ length: BATCHES }, (_, i) => 2 * i + 2),
      )
    }
  })

  test('STORE-19: of a board whose row is locked are busy, and hold up no other board', async ({
    stack,
    newBoard,
    append,
    batchOf,
    atEnd,
  }) => {
    const [locked, free] = [await newBoard(), await newBoard()]
    const pool = openDatabase({ url: stack.database.url, poolSize: 4, onError: () => undefined })
    atEnd(() => pool.close())
    await pool.db.transaction().execute(async (tx) => {
      await sql`SELECT FROM board_documents WHERE board_id = ${locked} FOR UPDATE`.execute(tx)
      expect(await append([batchOf(locked, bytes(1)), batchOf(free, bytes(1))])).toEqual([
        { boardId: locked, status: 'busy' },
        { boardId: free, status: 'stored', seq: 1 },
      ])
      expect(await append([batchOf(locked, bytes(1))])).toEqual([
        { boardId: locked, status: 'busy' },
      ])
    })
    expect(await append([batchOf(locked, bytes(1)), batchOf(free, bytes(1))])).toEqual([
      { boardId: locked, status: 'stored', seq: 1 },
      { boardId: free, status: 'stored', seq: 2 },
    ])
  })

  test('STORE-6: refuse a body that is no batch', async ({
    stack,
    authorization,
    newBoard,
    batchOf,
    stored,
  }) => {
    const post = (contentType: string, body: Uint8Array) =>
      fetch(`${stack.apiUrl}/internal/updates`, {
        method: 'POST',
        headers: { authorization: authorization(), 'content-type': contentType },
        body,
      }).then((response) => response.json())
    const boardId = await newBoard()
    const whole = encodeUpdateBatch([batchOf(boardId, bytes(1, 2, 3))])
    for (const body of [bytes(9), whole.subarray(0, whole.length - 1), bytes(...whole, 0)]) {
      expect(await post('application/octet-stream', body)).toMatchObject({
        status: 400,
        code: 'malformed_batch',
      })
    }
    expect(await post('application/json', new TextEncoder().encode('{}'))).toMatchObject({
      status: 415,
    })
    expect((await stored(boardId)).seq).toBe(0)
  })
})
