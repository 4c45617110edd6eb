import type { DomainEvent } from '@mindfuse/internal'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { callApi, createBoard, eventually } from '@mindfuse/testing'
import { describe, expect, inject } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const heard: DomainEvent[] = []
const test = base
  .extend('bus', { auto: true, scope: 'file' }, async ({ stack: _ }, { onCleanup }) => {
    const bus = createDragonflySharedState({ url: inject('redisUrl'), onError: () => undefined })
    onCleanup(() => bus.close())
    bus.events.subscribe((message) => heard.push(JSON.parse(message)))
    await eventually('the bus answers', () => bus.ping().then(() => true))
    return bus
  })
  .extend(
    'create',
    ({ ada, stack }) =>
      (name: string, headers: Record<string, string> = {}, token = ada.accessToken) =>
        callApi(`${stack.apiUrl}/api/workspaces`, { token, body: { name }, headers }),
  )
  .extend(
    'count',
    ({ stack }) =>
      async (name: string) =>
        (await stack.database.query('SELECT FROM workspaces WHERE name = $1', [name])).length,
  )

describe('the outbox', () => {
  test('publishes after the commit, once each, numbered in order', async ({ create }) => {
    const created = await Promise.all(Array.from({ length: 20 }, (_, i) => create(`W${i}`)))
    const ids = new Set(created.map(({ body }) => body.id))
    const mine = () => heard.filter(({ workspaceId }) => ids.has(workspaceId))
    await eventually('all are heard', () => mine().length >= 20)
    const seqs = mine().map(({ seq }) => seq)
    expect(new Set(seqs).size).toBe(20)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
  })

  test('publishes what a crash between commit and publishing left', async ({ stack }) => {
    // What a transaction leaves whose process died right after its commit.
    const workspaceId = crypto.randomUUID()
    const insert = (seq: string) =>
      stack.database.query(
        `INSERT INTO events (seq, type, workspace_id, data)
         VALUES (${seq}, 'workspace.updated', $1, '{"access": [], "sessions": []}')`,
        [workspaceId],
      )
    await insert('NULL')
    await insert(`nextval('events_seq')`)
    await eventually(
      'both are heard',
      () => heard.filter((event) => event.workspaceId === workspaceId).length === 2,
    )
    const rows = await stack.database.query(
      'SELECT seq, published_at FROM events WHERE workspace_id = $1',
      [workspaceId],
    )
    for (const row of rows)
      expect(row).toEqual({ seq: expect.anything(), published_at: expect.anything() })
  })

  test('a reader that goes by "greater than the last seen" misses nothing that committed late', async ({
    stack,
    create,
  }) => {
    const seen: string[] = []
    let last = 0
    const read = async () => {
      const rows = await stack.database.query(
        'SELECT id, seq FROM events WHERE seq > $1 ORDER BY seq',
        [last],
      )
      for (const row of rows) {
        seen.push(row.id)
        last = Number(row.seq)
      }
    }
    await read()
    let isWriting = true
    const reader = (async () => {
      while (isWriting) await read()
    })()
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        // Half of the transactions stay open for a while, so that commits overtake each other.
        if (i % 2) return create(`Fast ${i}`)
        await stack.database.query(
          `DO $$ BEGIN
             INSERT INTO events (type, data) VALUES ('board.updated', '{"access":[],"sessions":[]}');
             PERFORM pg_sleep(${(i % 7) / 50});
           END $$`,
        )
      }),
    )
    const all = await eventually('all have numbers', async () => {
      const rows = await stack.database.query('SELECT id, seq FROM events')
      return rows.every((row) => row.seq !== null) ? rows : undefined
    })
    isWriting = false
    await reader
    await read()
    expect(new Set(seen)).toEqual(new Set(all.map(({ id }: { id: string }) => id)))
    expect(seen).toHaveLength(all.length)
  })

  test('raises the permission cache before it tells of the change', async ({ bus, stack }) => {
    const boardId = crypto.randomUUID()
    const person = crypto.randomUUID()
    await bus.permissions.set(boardId, person, { role: 'editor', version: 4, canBroadcast: true })
    const cachedWhenHeard = new Promise((resolve) => {
      const unsubscribe = bus.events.subscribe((message) => {
        if (!message.includes(boardId)) return
        unsubscribe()
        resolve(bus.permissions.get(boardId, person))
      })
    })
    await stack.database.query(
      `INSERT INTO events (type, board_id, data) VALUES ('board.member_removed', $1, $2)`,
      [boardId, JSON.stringify({ access: [{ boardId, version: 5 }], sessions: [] })],
    )
    expect(await cachedWhenHeard).toBeUndefined()
  })

  test('AUTH-11: once a change of access is answered, nothing older counts, and gateways have been told', async ({
    stack,
    ada,
    person,
    bus,
  }) => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const guest = await person('guest')
    const call = (path: string, token: string, method: string, body?: unknown) =>
      callApi(`${stack.apiUrl}/api${path}`, { token, method, body })
    for (let round = 0; round < 20; round++) {
      const invite = await call(`/boards/${boardId}/invite`, ada.accessToken, 'POST', {
        role: 'editor',
      })
      await call(`/invites/${invite.body.token}/accept`, guest.accessToken, 'POST')
      const [{ version }] = await stack.database.query(
        'SELECT access_version AS version FROM boards WHERE id = $1',
        [boardId],
      )
      await bus.permissions.set(boardId, guest.user.id, {
        role: 'editor',
        version: Number(version),
        canBroadcast: true,
      })
      const { status } = await call(
        `/boards/${boardId}/members/${guest.user.id}`,
        ada.accessToken,
        'DELETE',
      )
      expect(status).toBe(204)
      expect(await bus.permissions.get(boardId, guest.user.id)).toBeUndefined()
    }
  })
})

describe('Idempotency-Key', () => {
  test('the same request again gets the same answer and does nothing', async ({
    create,
    count,
  }) => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await create('Once', headers)
    const second = await create('Once', headers)
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body).toEqual(first.body)
    expect(await count('Once')).toBe(1)
  })

  test('many at once do it once; the others get the answer, or that it is in progress', async ({
    create,
    count,
  }) => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const answers = await Promise.all(Array.from({ length: 10 }, () => create('Twice?', headers)))
    expect(await count('Twice?')).toBe(1)
    for (const { status, body } of answers) {
      if (status !== 201) expect(body).toMatchObject({ status: 409, code: 'idempotency_in_flight' })
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true)
  })

  test('the same key for another request is a 422; for another person it is another key', async ({
    create,
    person,
  }) => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    await create('First', headers)
    expect((await create('Other', headers)).body).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    })
    const alan = await person('alan')
    expect((await create('First', headers, alan.accessToken)).status).toBe(201)
  })

  test('a request that failed may be sent again', async ({ create }) => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    expect((await create(' ', headers)).status).toBe(400)
    expect((await create('Fine', headers)).status).toBe(201)
  })

  test('a key that is empty or too long is a 400', async ({ create }) => {
    expect((await create('X', { 'idempotency-key': 'x'.repeat(256) })).body.code).toBe(
      'invalid_idempotency_key',
    )
  })
})
