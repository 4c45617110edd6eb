import {
  type AccessChanges,
  accessScope,
  type DomainEvent,
  parseAccessMessage,
} from '@mindfuse/internal'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { callApi, eventually } from '@mindfuse/testing'
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
  /** What a gateway is told that knows everything up to an event. */
  .extend('ask', ({ stack }) => async (after?: number): Promise<AccessChanges> => {
    const headers = {
      authorization: `Internal-Secret ${stack.internalSecret}`,
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ gatewayId: crypto.randomUUID(), vouchMs: 0, after })
    const url = `${stack.apiUrl}/internal/access-changes`
    return (await fetch(url, { method: 'POST', headers, body })).json() as Promise<AccessChanges>
  })
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

  test('says again and again up to where changes of access are complete, with those of late', async ({
    bus,
    stack,
  }) => {
    const [boardId, sessionId] = [crypto.randomUUID(), crypto.randomUUID()]
    const said: AccessChanges[] = []
    bus.access.subscribe((text) => {
      const message = parseAccessMessage(text, [accessScope(stack.internalSecret)])
      if (message?.kind === 'changes') said.push(message)
    })
    await stack.database.query(
      `INSERT INTO events (type, board_id, data) VALUES ('board.member_removed', $1, $2)`,
      [boardId, JSON.stringify({ access: [{ boardId, version: 5 }], sessions: [sessionId] })],
    )
    const isIn = ({ access, sessions }: AccessChanges) =>
      access.some((change) => change.boardId === boardId && change.version === 5) &&
      sessions.includes(sessionId)
    await eventually('it is said twice', () => said.filter(isIn).length > 1)
    const [first, second] = said.filter(isIn)
    expect(first!.after).toBeLessThan(second!.upTo)
    for (const { after, upTo } of said) expect(after).toBeLessThanOrEqual(upTo)
  })

  test('tells a gateway what changed since the event it knows, or that it has to check all', async ({
    stack,
    ask,
  }) => {
    const boardId = crypto.randomUUID()
    const first = await ask()
    expect(first).toMatchObject({ after: null, access: [], sessions: [] })
    const change = (version: number) =>
      stack.database.query(
        `INSERT INTO events (type, board_id, data) VALUES ('board.member_removed', $1, $2)`,
        [boardId, JSON.stringify({ access: [{ boardId, version }], sessions: [] })],
      )
    await change(2)
    // Before it has a number, and after.
    expect((await ask(first.upTo)).access).toEqual([{ boardId, version: 2 }])
    await change(3)
    const numbered = await eventually('both have numbers', async () => {
      const answer = await ask(first.upTo)
      return answer.upTo >= first.upTo + 2 ? answer : undefined
    })
    expect(numbered).toMatchObject({ after: first.upTo, access: [{ boardId, version: 3 }] })
    expect((await ask(numbered.upTo)).access).toEqual([])
    // Of a database that went back.
    expect((await ask(numbered.upTo + 1)).after).toBeNull()
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
