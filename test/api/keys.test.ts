import { createHash, randomUUID } from 'node:crypto'
import { newKeyValue } from '@mindfuse/service-kit'
import { createBoard, eventually, type SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

interface NewKey {
  id: string
  userId: string
  key: string
}

const test = base
  .extend('workspaceId', { scope: 'file' }, async ({ as, ada }) => {
    return (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body.id as string
  })
  /** Creates a key of the team's. */
  .extend(
    'newKey',
    { scope: 'file' },
    ({ as, ada, workspaceId }) =>
      async (scopes: string[], input: object = {}): Promise<NewKey> => {
        const body = { name: 'Robot', scopes, ...input }
        const answer = await as(ada, `/api/workspaces/${workspaceId}/keys`, { body })
        expect(answer).toMatchObject({ status: 201 })
        return answer.body
      },
  )
  /** A board in a workspace that Ada has nothing to do with. */
  .extend('foreignBoard', ({ stack, alan }) => createBoard(stack.apiUrl, alan.accessToken))
  .extend('teamBoard', ({ as, ada, workspaceId }) => async (name = 'Board') => {
    const path = `/api/workspaces/${workspaceId}/boards`
    return (await as(ada, path, { body: { name } })).body.id as string
  })
  .extend(
    'asKey',
    { scope: 'file' },
    ({ as }) =>
      (key: string, ...request: [path: string, request?: object]) =>
        as({ accessToken: key } as SignedIn, ...request),
  )

const INVALID = { status: 401, body: { code: 'key_invalid' } }

describe('a key', () => {
  test('is shown once, and only its hash is kept', async ({
    newKey,
    as,
    ada,
    workspaceId,
    stack,
  }) => {
    const created = await newKey(['boards:read'], { name: '  CI ' })
    const { key, ...rest } = created
    expect(key).toMatch(/^mf_[0-9a-f]{8}_[0-9A-Za-z]{49}$/)
    expect(rest).toMatchObject({
      name: 'CI',
      hint: key.slice(0, 11),
      scopes: ['boards:read'],
      ...{ boardIds: null, createdBy: ada.user.id, creatorName: ada.user.name },
      ...{ expiresAt: null, lastUsedAt: null },
    })
    const { body } = await as(ada, `/api/workspaces/${workspaceId}/keys`)
    expect(body.items.find(({ id }: NewKey) => id === created.id)).toEqual(rest)
    const rows = await stack.database.query(
      `SELECT (SELECT json_agg(s) FROM sessions s)::text || (SELECT json_agg(k) FROM keys k)::text
        || (SELECT json_agg(e) FROM events e)::text || (SELECT json_agg(a) FROM audit_entries a)::text
        || (SELECT json_agg(u) FROM users u)::text AS all`,
    )
    expect(rows[0].all).not.toContain(key.slice(12))
    expect(rows[0].all).toContain(createHash('sha256').update(key).digest('hex'))
  })

  test('is not in the answer that an Idempotency-Key repeats', async ({ as, ada, workspaceId }) => {
    const create = () =>
      as(ada, `/api/workspaces/${workspaceId}/keys`, {
        body: { name: 'Once', scopes: ['boards:read'] },
        headers: { 'idempotency-key': 'once' },
      })
    const [first, second] = [await create(), await create()]
    expect(first.body.key).toMatch(/^mf_/)
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(second).toMatchObject({ status: 201, body: { id: first.body.id, key: null } })
  })

  test('says who it is, whatever it may do', async ({ newKey, asKey, workspaceId, teamBoard }) => {
    const boardIds = [await teamBoard()]
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const made = await newKey(['comments:write'], { boardIds, expiresAt })
    expect(await asKey(made.key, '/api/auth/me')).toMatchObject({
      status: 200,
      body: {
        ...{ id: made.userId, kind: 'key', name: 'Robot', email: null, isAdmin: false },
        key: { id: made.id, workspaceId, scopes: ['comments:write'], boardIds, expiresAt },
      },
    })
  })

  test.for([
    ['boards:read', [200, 403, 403, 403]],
    ['boards:write', [200, 201, 200, 403]],
    ['comments:write', [200, 403, 403, 403]],
    ['members:write', [200, 403, 403, 200]],
    ['tokens:create', [403, 403, 403, 403]],
  ] as const)(
    'with %s: reading, creating and renaming boards, listing members are %j',
    async ([scope, expected], { newKey, asKey, workspaceId, teamBoard }) => {
      const { key } = await newKey([scope])
      const boardId = await teamBoard()
      const boards = `/api/workspaces/${workspaceId}/boards`
      const answers = [
        await asKey(key, boards),
        await asKey(key, boards, { body: { name: 'New' } }),
        await asKey(key, `/api/boards/${boardId}`, { method: 'PATCH', body: { name: 'Other' } }),
        await asKey(key, `/api/boards/${boardId}/members`),
      ]
      expect(answers.map(({ status }) => status)).toEqual(expected)
      const needed = ['boards:read', 'boards:write', 'boards:write', 'members:write']
      for (const [i, { status, body }] of answers.entries()) {
        if (status === 403) {
          expect(body).toMatchObject({ code: 'scope_required', details: { scope: needed[i] } })
        }
      }
    },
  )

  test('sees nothing of other workspaces, and is on no route for people', async ({
    newKey,
    asKey,
    foreignBoard,
    as,
    ada,
  }) => {
    const { key } = await newKey(['boards:write', 'members:write', 'tokens:create'])
    const { body } = await as(ada, '/api/workspaces')
    for (const { id, name } of body.items) {
      const { status } = await asKey(key, `/api/workspaces/${id}/boards`)
      expect(status).toBe(name === 'Team' ? 200 : 404)
    }
    expect(await asKey(key, `/api/boards/${foreignBoard}`)).toMatchObject({ status: 404 })
    for (const [method, path] of [
      ['GET', '/api/workspaces'],
      ['GET', '/api/events'],
      ['DELETE', '/api/auth/me'],
      ['POST', '/api/auth/logout'],
      ['GET', '/api/admin/people'],
    ]) {
      expect(await asKey(key, path!, { method })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
  })

  test('for some boards sees, lists and changes these alone, and creates none', async ({
    newKey,
    asKey,
    workspaceId,
    teamBoard,
  }) => {
    const [mine, other] = [await teamBoard('Mine'), await teamBoard('Other')]
    const { key } = await newKey(['boards:write'], { boardIds: [mine] })
    const boards = `/api/workspaces/${workspaceId}/boards`
    const list = await asKey(key, boards)
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([mine])
    expect((await asKey(key, `/api/workspaces/${workspaceId}`)).body.access).toEqual({
      role: 'member',
      can: expect.objectContaining({ read: true, createBoards: false, manageKeys: false }),
    })
    const rename = (id: string) =>
      asKey(key, `/api/boards/${id}`, { method: 'PATCH', body: { name: 'New' } })
    expect(await rename(mine)).toMatchObject({ status: 200 })
    expect(await rename(other)).toMatchObject({ status: 404 })
    for (const path of [boards, `/api/boards/${mine}/duplicate`]) {
      expect(await asKey(key, path, { body: { name: 'New' } })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
    expect(await asKey(key, `/api/boards/${mine}`, { method: 'DELETE' })).toMatchObject({
      status: 204,
    })
    const trash = await asKey(key, `/api/workspaces/${workspaceId}/trash`)
    expect(trash.body.items.map(({ id }: { id: string }) => id)).toEqual([mine])
  })

  test('creates and copies boards that belong to the workspace', async ({
    newKey,
    asKey,
    as,
    ada,
    workspaceId,
    stack,
  }) => {
    const { key, userId } = await newKey(['boards:write'])
    const created = await asKey(key, `/api/workspaces/${workspaceId}/boards`, {
      body: { name: 'Made' },
    })
    expect(created).toMatchObject({
      status: 201,
      body: { createdBy: userId, access: { role: 'editor', can: { edit: true, invite: false } } },
    })
    const copy = await asKey(key, `/api/boards/${created.body.id}/duplicate`, { body: {} })
    expect(copy).toMatchObject({ status: 201, body: { name: 'Made (copy)', workspaceId } })
    for (const { body } of [created, copy]) {
      const { access } = (await as(ada, `/api/boards/${body.id}`)).body
      expect(access.role).toBe('owner')
      const text = 'SELECT user_id FROM board_members WHERE board_id = $1'
      expect(await stack.database.query(text, [body.id])).toEqual([])
    }
    const audit = await as(ada, `/api/workspaces/${workspaceId}/audit?actorId=${userId}`)
    expect(audit.body.items).toHaveLength(2)
  })

  test('counts as its own user: its repetitions are its own', async ({
    newKey,
    asKey,
    workspaceId,
  }) => {
    const keys = [await newKey(['boards:write']), await newKey(['boards:write'])]
    const create = ({ key }: NewKey) =>
      asKey(key, `/api/workspaces/${workspaceId}/boards`, {
        body: { name: 'Idem' },
        headers: { 'idempotency-key': 'the same' },
      })
    const [one, again, other] = [
      await create(keys[0]!),
      await create(keys[0]!),
      await create(keys[1]!),
    ]
    expect(again.body.id).toBe(one.body.id)
    expect(other.body.id).not.toBe(one.body.id)
  })

  test('is seen to be used, to the minute', async ({ newKey, asKey, as, ada, workspaceId }) => {
    const { id, key } = await newKey(['boards:read'])
    const lastUsedAt = async (): Promise<string | null> => {
      const { body } = await as(ada, `/api/workspaces/${workspaceId}/keys?limit=100`)
      return body.items.find((item: NewKey) => item.id === id).lastUsedAt
    }
    expect(await lastUsedAt()).toBe(null)
    await asKey(key, '/api/auth/me')
    const first = await eventually('its use is written', lastUsedAt)
    await asKey(key, '/api/auth/me')
    const { key: next, id: nextId } = await newKey(['boards:read'])
    await asKey(next, '/api/auth/me')
    // Written after it: so the second use of the first would be there by now.
    await eventually('that of a later one is written', async () => {
      const { body } = await as(ada, `/api/workspaces/${workspaceId}/keys?limit=100`)
      return body.items.find((item: NewKey) => item.id === nextId).lastUsedAt
    })
    expect(await lastUsedAt()).toBe(first)
  })
})

describe('what counts as no key', () => {
  test('is refused with one answer, however it is wrong', async ({
    newKey,
    asKey,
    as,
    ada,
    stack,
    workspaceId,
  }) => {
    const { key, id } = await newKey(['boards:read'])
    const revoked = await newKey(['boards:read'])
    await as(ada, `/api/workspaces/${workspaceId}/keys/${revoked.id}`, { method: 'DELETE' })
    const expired = await newKey(['boards:read'], {
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    })
    await stack.database.query(
      `UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`,
      [expired.id],
    )
    const wrong = {
      revoked: revoked.key,
      expired: expired.key,
      'of another installation': newKeyValue(id),
      'cut short': key.slice(0, -1),
      misspelt: `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`,
      'too long': `${key}a`,
      'in capitals': key.toUpperCase().replace('MF_', 'mf_'),
      'a prefix': 'mf_',
      'a hash': `mf_${createHash('sha256').update(key).digest('hex')}`,
    }
    for (const [how, value] of Object.entries(wrong)) {
      const answer = await asKey(value, '/api/auth/me')
      expect(answer, how).toMatchObject(INVALID)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      const { requestId: _, instance: _instance, ...body } = answer.body
      expect(body, how).toEqual({
        type: 'urn:mindfuse:problem:key_invalid',
        title: expect.any(String),
        status: 401,
        code: 'key_invalid',
        detail: 'Invalid, expired or revoked key',
      })
    }
    expect(await asKey(key, '/api/auth/me')).toMatchObject({ status: 200 })
  })

  test('is a key in a cookie: it is no session of a browser', async ({ newKey, stack, asKey }) => {
    const { key } = await newKey(['boards:read'])
    const headers = { cookie: `mindfuse_session=${key}`, 'sec-fetch-site': 'same-origin' }
    for (const [method, path] of [
      ['POST', '/api/auth/token'],
      ['POST', '/api/auth/logout'],
      ['GET', '/api/events'],
    ]) {
      const { status } = await fetch(`${stack.apiUrl}${path}`, { method: method!, headers })
      expect(status, path).toBe(401)
    }
    expect(await asKey(key, '/api/auth/me')).toMatchObject({ status: 200 })
  })
})

describe('creating a key', () => {
  test('is for owners and admins', async ({
    as,
    alan,
    person,
    newKey,
    stack,
    workspaceId,
    ada,
  }) => {
    const { id } = await newKey(['boards:read'])
    const admin = await person(`admin-${randomUUID()}`)
    await stack.database.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role)
        VALUES ($1, $2, 'member'), ($1, $3, 'admin')`,
      [workspaceId, alan.user.id, admin.user.id],
    )
    const keys = `/api/workspaces/${workspaceId}/keys`
    const body = { name: 'Robot', scopes: ['boards:read'] }
    const all = async (who: SignedIn) => [
      (await as(who, keys, { body })).status,
      (await as(who, keys)).status,
      (await as(who, `${keys}/${id}`, { method: 'DELETE' })).status,
    ]
    expect(await all(alan)).toEqual([403, 403, 403])
    expect(await all(await person('stranger'))).toEqual([404, 404, 404])
    expect(await all(admin)).toEqual([201, 200, 204])
    expect(await as(ada, `${keys}/${id}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { code: 'key_not_found' },
    })
  })

  test('refuses what is over, of others, or nothing', async ({
    as,
    ada,
    workspaceId,
    foreignBoard,
    teamBoard,
  }) => {
    const ownBoard = await teamBoard()
    const create = (input: object) =>
      as(ada, `/api/workspaces/${workspaceId}/keys`, {
        body: { name: 'Robot', scopes: ['boards:read'], ...input },
      })
    for (const input of [
      { scopes: [] },
      { scopes: ['boards:read', 'boards:read'] },
      { scopes: ['boards:delete'] },
      { boardIds: [] },
      // What it mints has all that other keys gave the app user.
      { boardIds: [ownBoard], scopes: ['boards:write', 'tokens:create'] },
      { name: ' ' },
      { expiresAt: new Date(Date.now() - 1_000).toISOString() },
      { expiresAt: '2999-12-31T23:59:60Z' },
      { secret: 'mine' },
    ]) {
      expect(await create(input), JSON.stringify(input)).toMatchObject({ status: 400 })
    }
    // A board of another workspace, and none.
    for (const id of [foreignBoard, randomUUID()]) {
      expect(await create({ boardIds: [id] })).toMatchObject({
        status: 404,
        body: { code: 'board_not_found' },
      })
    }
  })

  test('is refused beyond a hundred', async ({ as, person, stack }) => {
    const eve = await person(`eve-${randomUUID()}`)
    const { body } = await as(eve, '/api/workspaces')
    const path = `/api/workspaces/${body.items[0].id}/keys`
    const create = () => as(eve, path, { body: { name: 'Robot', scopes: ['boards:read'] } })
    await stack.database.query(
      `WITH made AS (
          INSERT INTO users (kind, oauth_provider, oauth_id, name)
          SELECT 'key', 'mindfuse:key', gen_random_uuid()::text, 'Robot' FROM generate_series(1, 98)
          RETURNING id
        ), opened AS (
          INSERT INTO sessions (user_id, token, expires_at)
          SELECT id, id::text, 'infinity' FROM made RETURNING id, user_id
        )
        INSERT INTO keys (id, user_id, workspace_id, scopes, created_by)
        SELECT id, user_id, $1, '{boards:read}', $2 FROM opened`,
      [body.items[0].id, eve.user.id],
    )
    const statuses = await Promise.all(Array.from({ length: 5 }, create))
    expect(statuses.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409])
    expect(await create()).toMatchObject({ status: 409, body: { code: 'too_many_keys' } })
    const pages = await as(eve, `${path}?limit=100`)
    expect(pages.body.items).toHaveLength(100)
    expect(pages.body.nextCursor).toBe(null)
  })
})

describe('a key ends', () => {
  /** A person with a team of their own, and a key of it that works. */
  const withKey = test.extend('owned', ({ as, asKey, person }) => async () => {
    const owner = await person(`owner-${randomUUID()}`)
    const { body: workspace } = await as(owner, '/api/workspaces', { body: { name: 'Own' } })
    const keys = `/api/workspaces/${workspace.id}/keys`
    const { body: made } = await as(owner, keys, {
      body: { name: 'Robot', scopes: ['boards:read'] },
    })
    const works = async () => (await asKey(made.key, '/api/auth/me')).status === 200
    expect(await works()).toBe(true)
    return { owner, workspaceId: workspace.id as string, works, ...(made as NewKey) }
  })

  withKey('when it is revoked, which is recorded with its name', async ({ owned, as }) => {
    const { owner, workspaceId, id, works } = await owned()
    const path = `/api/workspaces/${workspaceId}`
    expect(await as(owner, `${path}/keys/${id}`, { method: 'DELETE' })).toMatchObject({
      status: 204,
    })
    expect(await works()).toBe(false)
    const { body } = await as(owner, `${path}/audit`)
    expect(body.items.slice(0, 2)).toMatchObject([
      { action: 'key.revoked', targetId: id, changes: { name: 'Robot', reason: 'revoked' } },
      { action: 'key.created', targetId: id, changes: { name: 'Robot', scopes: ['boards:read'] } },
    ])
  })

  withKey('with its workspace', async ({ owned, as }) => {
    const { owner, workspaceId, works } = await owned()
    await as(owner, `/api/workspaces/${workspaceId}`, { method: 'DELETE' })
    expect(await works()).toBe(false)
  })

  withKey(
    'when the account of who made it is disabled, and is not back after',
    async ({ owned, as, administrator }) => {
      const { owner, works } = await owned()
      const path = `/api/admin/people/${owner.user.id}`
      await as(administrator, `${path}/disable`, { body: {} })
      expect(await works()).toBe(false)
      await as(administrator, `${path}/enable`, { body: {} })
      expect(await works()).toBe(false)
    },
  )

  withKey(
    'with the account of who made it, in a workspace of others too',
    async ({ owned, as, asKey, alan, stack }) => {
      const { owner, workspaceId, works } = await owned()
      const { body: hers } = await as(alan, '/api/workspaces', { body: { name: 'Of others' } })
      await stack.database.query(
        `INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'admin')`,
        [hers.id, owner.user.id],
      )
      const elsewhere = await as(owner, `/api/workspaces/${hers.id}/keys`, {
        body: { name: 'Robot', scopes: ['boards:read'] },
      })
      const { status, body } = await as(owner, '/api/auth/me', { method: 'DELETE' })
      expect([status, body.deletedWorkspaceIds.includes(workspaceId)]).toEqual([200, true])
      expect(await works()).toBe(false)
      expect(await asKey(elsewhere.body.key, '/api/auth/me')).toMatchObject(INVALID)
      const left = 'SELECT count(*)::int FROM sessions WHERE id = $1'
      expect(await stack.database.query(left, [elsewhere.body.id])).toEqual([{ count: 0 }])
    },
  )

  withKey(
    'not when who made it leaves the workspace, which has it',
    async ({ owned, as, person, stack, asKey }) => {
      const { owner, workspaceId } = await owned()
      const leaver = await person(`leaver-${randomUUID()}`)
      await stack.database.query(
        `INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'admin')`,
        [workspaceId, leaver.user.id],
      )
      const keys = `/api/workspaces/${workspaceId}/keys`
      const { body } = await as(leaver, keys, { body: { name: 'Left', scopes: ['boards:read'] } })
      const member = `/api/workspaces/${workspaceId}/members/${leaver.user.id}`
      expect(await as(leaver, member, { method: 'DELETE' })).toMatchObject({ status: 204 })
      expect(await asKey(body.key, '/api/auth/me')).toMatchObject({ status: 200 })
      expect((await as(owner, keys)).body.items[0]).toMatchObject({
        name: 'Left',
        createdBy: leaver.user.id,
        creatorName: leaver.user.name,
      })
    },
  )

  withKey('at its time', async ({ owned, as, asKey }) => {
    const { owner, workspaceId } = await owned()
    const expiresAt = new Date(Date.now() + 1_500).toISOString()
    const { body } = await as(owner, `/api/workspaces/${workspaceId}/keys`, {
      body: { name: 'Short', scopes: ['boards:read'], expiresAt },
    })
    expect(await asKey(body.key, '/api/auth/me')).toMatchObject({ status: 200 })
    await eventually('it has expired', async () => {
      return (await asKey(body.key, '/api/auth/me')).status === 401
    })
  })
})
