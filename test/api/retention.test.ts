import { openDatabase } from '@mindfuse/api'
import { createLogger } from '@mindfuse/service-kit'
import { signIn } from '@mindfuse/testing'
import { Registry } from 'prom-client'
import { describe, expect } from 'vitest'
import { createTransact, transactionsOn } from '../../apps/api/src/changes/transact.ts'
import { openDocumentStorage } from '../../apps/api/src/documents/storage.ts'
import { Retention } from '../../apps/api/src/retention/retention.ts'
import { test as base } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'

const test = base
  /** Runs the retention of so many instances at once, while the changes of a person may be slow. */
  .extend('expire', ({ stack }) => async (instances = 1, busyPerson?: string): Promise<void> => {
    const pool = openDatabase({
      url: stack.database.url,
      poolSize: 2 * instances,
      onError: () => undefined,
    })
    const log = createLogger({ service: 'test', level: 'silent' })
    const usual = transactionsOn(pool.requests)
    if (busyPerson) void usual.ofPerson(busyPerson, () => new Promise(() => undefined))
    const urgent = transactionsOn(pool.urgent)
    const transact = createTransact({ usual, urgent, onCommit: async () => true })
    const { db } = pool
    const documents = openDocumentStorage({ db, registry: new Registry(), log })
    const all = Array.from(
      { length: instances },
      () => new Retention({ db, transact, documents, log, registry: new Registry() }),
    )
    await Promise.all(all.map((retention) => retention.run()))
    await Promise.all(all.map((retention) => retention.stop()))
    await documents.close()
    await pool.close()
  })
  .extend(
    'count',
    ({ stack }) =>
      async (table: string, where = 'true'): Promise<number> =>
        (
          await stack.database.query(`SELECT count(*)::int AS count FROM ${table} WHERE ${where}`)
        )[0].count,
  )

describe('what has expired is removed, and nothing else:', () => {
  test('answers to requests that may be sent again', async ({ cast, stack, count, expire }) => {
    const userId = cast.owner.user.id
    await stack.database.query(
      `INSERT INTO idempotency_keys (user_id, key, fingerprint, body, created_at)
       SELECT $1, 'key-' || n, '', '{}', now() - make_interval(hours => 25) + make_interval(mins => n)
       FROM generate_series(1, 1300) AS n`,
      [userId],
    )
    // 25 hours less a minute each: the first 59 are older than a day when this runs.
    const young = await count('idempotency_keys', "created_at > now() - interval '23 hours 58 min'")
    await expire()
    expect(await count('idempotency_keys', "created_at < now() - interval '24 hours'")).toBe(0)
    expect(await count('idempotency_keys')).toBeGreaterThanOrEqual(young)
  })

  test('more rows than go into one batch', async ({ stack, cast, expire, count }) => {
    await stack.database.query(
      `INSERT INTO idempotency_keys (user_id, key, fingerprint, body, created_at)
       SELECT $1, 'old-' || n, '', '{}', now() - interval '2 days' FROM generate_series(1, 1300) AS n`,
      [cast.owner.user.id],
    )
    await expire(3)
    expect(await count('idempotency_keys', "key LIKE 'old-%'")).toBe(0)
  })

  test('guests who cannot come back; what they drew stays', async ({
    stack,
    ada,
    newBoard,
    as,
    expire,
  }) => {
    const boardId = await newBoard()
    const { token } = await createLink(stack, boardId, ada)
    const [gone, present, merged] = [
      await openAsGuest(stack, token, 'Gone'),
      await openAsGuest(stack, token, 'Present'),
      await openAsGuest(stack, token, 'Merged'),
    ]
    const eve = await signIn(stack.apiUrl, 'eve@example.com', merged.browser)
    for (const { user } of [gone, merged]) {
      await stack.database.query(
        `INSERT INTO board_activity (board_id, user_id, started_at, updates, bytes, first_seq, last_seq)
         VALUES ($1, $2, '2024-01-01T00:00Z', 1, 1, 1, 1)`,
        [boardId, user.id],
      )
    }
    await stack.database.query('DELETE FROM sessions WHERE user_id = $1', [gone.user.id])
    await expire()
    const left = await stack.database.query(
      `SELECT name FROM users WHERE kind = 'guest' AND id = ANY ($1) ORDER BY name`,
      [[gone, present, merged].map(({ user }) => user.id)],
    )
    expect(left).toEqual([{ name: 'Merged' }, { name: 'Present' }])
    const { items } = (await as(ada, `/api/boards/${boardId}/history`)).body
    const drew = items.map(({ userId }: { userId: string }) => userId)
    expect(drew.sort()).toEqual([gone.user.id, eve.user.id].sort())
    expect((await as(present, `/api/boards/${boardId}`)).status).toBe(200)
  })

  test('removals of people, unless an open link is older', async ({
    stack,
    ada,
    alan,
    newBoard,
    as,
    expire,
  }) => {
    const [kept, expired] = [await newBoard(), await newBoard()]
    const { token } = await createLink(stack, kept, ada)
    for (const boardId of [kept, expired]) {
      const path = `/api/boards/${boardId}/members/${alan.user.id}`
      expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    }
    await stack.database.query(
      `UPDATE board_links SET created_at = now() - interval '41 days' WHERE board_id = $1`,
      [kept],
    )
    await stack.database.query(
      `UPDATE access_reductions SET reduced_at = now() - interval '40 days' WHERE user_id = $1`,
      [alan.user.id],
    )
    await expire()
    const left = await stack.database.query(
      'SELECT board_id FROM access_reductions WHERE user_id = $1',
      [alan.user.id],
    )
    expect(left).toEqual([{ board_id: kept }])
    expect(await as(alan, `/api/links/${token}/open`, { method: 'POST' })).toMatchObject({
      body: { code: 'invite_predates_removal' },
    })
  })

  test('sessions that ended, and the values that sessions had before', async ({
    count,
    stack,
    cast,
    expire,
  }) => {
    const alive = await count('sessions')
    const session = `INSERT INTO sessions (user_id, token, expires_at)
      VALUES ($1, $2, now() - make_interval(hours => $3)) RETURNING id`
    const [old] = await stack.database.query(session, [cast.owner.user.id, 'old', 25])
    const [late] = await stack.database.query(session, [cast.owner.user.id, 'late', 23])
    await stack.database.query(session, [cast.owner.user.id, 'revoked', -100])
    await stack.database.query(
      `UPDATE sessions SET revoked_at = now() - interval '25 hours' WHERE token = 'revoked'`,
    )
    await stack.database.query(
      `INSERT INTO session_retired_tokens (token, session_id, retired_at) VALUES
       ('of-old', $1, now()), ('past', $2, now() - interval '25 hours'), ('young', $2, now())`,
      [old.id, late.id],
    )
    await expire()
    expect(await count('sessions')).toBe(alive + 1)
    expect(await stack.database.query('SELECT token FROM session_retired_tokens')).toEqual([
      { token: 'young' },
    ])
  })

  test('invites that ended more than 30 days ago, whose links said so until then', async ({
    stack,
    as,
    ada,
    boardId,
    expire,
  }) => {
    const newInvite = async () => {
      const body = { role: 'viewer', expiresInSeconds: 3_600 }
      return (await as(ada, `/api/boards/${boardId}/invite`, { body })).body
    }
    const [old, late, open] = [await newInvite(), await newInvite(), await newInvite()]
    const end =
      'UPDATE board_invites SET expires_at = now() - make_interval(days => $2) WHERE id = $1'
    await stack.database.query(end, [old.id, 31])
    await stack.database.query(end, [late.id, 29])
    await expire()
    const list = await as(ada, `/api/boards/${boardId}/invites`)
    const states = list.body.items.map(({ id, state }: typeof old) => [id, state])
    expect(new Map(states)).toEqual(
      new Map([
        [late.id, 'expired'],
        [open.id, 'open'],
      ]),
    )
    expect((await as(undefined, `/api/invites/${old.token}`)).status).toBe(404)
    expect((await as(undefined, `/api/invites/${late.token}`)).body.state).toBe('expired')
  })

  test('EVT-16: changes in the outbox, the oldest first and never one behind one that stays', async ({
    stack,
    expire,
    count,
  }) => {
    // What signing in and the tests before this one wrote is of no interest here.
    await stack.database.query('DELETE FROM events')
    const insert = (seq: string, days: number, count = 1) =>
      stack.database.query(
        `INSERT INTO events (seq, type, data, created_at, published_at)
         SELECT ${seq}, 'version.created', '{"access":[],"sessions":[]}',
           now() - make_interval(days => $1), now()
         FROM generate_series(1, $2::int)`,
        [days, count],
      )
    const next = `nextval('events_seq')`
    await insert(next, 8, 1_200)
    await insert(next, 6, 3)
    // Old, but behind one that is young: who knows the young one has to be told this one, too.
    await insert(next, 8, 2)
    await expire(3)
    expect(await count('events')).toBe(5)

    // More than a million behind the newest goes before its time.
    await insert(`(SELECT max(seq) + 1000000 FROM events)`, 0)
    await expire()
    const seqs = await stack.database.query('SELECT seq::int FROM events')
    expect(seqs).toHaveLength(1)
  })

  test('entries of the audit logs that are older than 400 days', async ({
    cast,
    stack,
    expire,
    count,
  }) => {
    await stack.database.query(
      `INSERT INTO audit_entries (workspace_id, action, actor_id, target_type, target_id, changes, created_at)
       SELECT $1, 'workspace.updated', $2, 'workspace', $1, '{}', now() - make_interval(days => days)
       FROM unnest(ARRAY[399, 401]) AS days, generate_series(1, 700)`,
      [cast.workspaceId, cast.owner.user.id],
    )
    await stack.database.query(
      `INSERT INTO admin_audit (actor, action, target_type, target_id, changes, created_at)
       SELECT 'cli', 'person.disable', 'user', $1, '{}', now() - make_interval(days => days)
       FROM unnest(ARRAY[399, 401]) AS days`,
      [cast.owner.user.id],
    )
    await expire()
    expect(await count('audit_entries', "created_at < now() - interval '400 days'")).toBe(0)
    expect(await count('admin_audit', 'true')).toBe(1)
    expect(await count('audit_entries', "created_at < now() - interval '398 days'")).toBe(700)
    await stack.database.query(
      "DELETE FROM audit_entries WHERE created_at < now() - interval '1 day'",
    )
  })

  test('workspaces that were deleted, once their boards are gone', async ({
    cast,
    stack,
    expire,
    count,
  }) => {
    const { workspaceOwner: owner } = cast
    const create = async () =>
      (await cast.call(owner, 'POST', '/api/workspaces', { name: 'Old' })).body.id as string
    const [empty, full, young] = [await create(), await create(), await create()]
    await cast.call(owner, 'POST', `/api/workspaces/${full}/boards`, { name: 'Board' })
    for (const [id, days] of [
      [empty, 31],
      [full, 31],
      [young, 29],
    ] as const) {
      await cast.call(owner, 'DELETE', `/api/workspaces/${id}`)
      await stack.database.query(
        'UPDATE workspaces SET deleted_at = now() - make_interval(days => $2) WHERE id = $1',
        [id, days],
      )
    }
    await expire()
    const left = await Promise.all(
      [empty, full, young].map((id) => count('workspaces', `id = '${id}'`)),
    )
    expect(left).toEqual([0, 1, 1])
  })

  test('boards in the trash, with everything that belongs to them, and an event', async ({
    cast,
    stack,
    expire,
    count,
  }) => {
    const [old, young, kept] = [await cast.newBoard(), await cast.newBoard(), await cast.newBoard()]
    for (const [boardId, days] of [
      [old, 31],
      [young, 29],
    ] as const) {
      await cast.call(cast.owner, 'DELETE', `/api/boards/${boardId}`)
      await stack.database.query(
        'UPDATE boards SET deleted_at = now() - make_interval(days => $2) WHERE id = $1',
        [boardId, days],
      )
    }
    await expire(2)
    for (const [boardId, left] of [
      [old, 0],
      [young, 1],
      [kept, 1],
    ] as const) {
      expect(await count('boards', `id = '${boardId}'`)).toBe(left)
      expect(await count('board_documents', `board_id = '${boardId}'`)).toBe(left)
    }
    expect((await cast.events(old)).at(-1)).toMatchObject({ type: 'board.deleted' })
    expect((await cast.audit(old)).filter(({ action }) => action === 'board.deleted')).toEqual([
      {
        action: 'board.deleted',
        actorId: cast.owner.user.id,
        changes: { name: 'Board', afterDaysInTrash: 30 },
      },
    ])
  })
  test('boards of a person whose changes wait for their turn', async ({
    cast,
    stack,
    expire,
    count,
  }) => {
    const boardId = await cast.newBoard()
    await cast.call(cast.owner, 'DELETE', `/api/boards/${boardId}`)
    await stack.database.query(
      `UPDATE boards SET deleted_at = now() - interval '31 days' WHERE id = $1`,
      [boardId],
    )
    await expire(1, cast.owner.user.id)
    expect(await count('boards', `id = '${boardId}'`)).toBe(0)
  })
})
