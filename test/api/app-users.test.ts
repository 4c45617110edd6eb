import { randomUUID } from 'node:crypto'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { createBoard, eventually, type SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { MAX_APP_USERS_PER_KEY } from '../../apps/api/src/app-users/service.ts'
import { test as base } from '../support/fixtures.ts'

const SECOND_MS = 1_000

const test = base
  /** Ada's team, whose product has users of its own. */
  .extend('workspaceId', { scope: 'file' }, async ({ as, ada }) => {
    return (await as(ada, '/api/workspaces', { body: { name: 'Product' } })).body.id as string
  })
  .extend(
    'newKey',
    { scope: 'file' },
    ({ as, ada, workspaceId }) =>
      async (scopes: string[], input: object = {}) => {
        const body = { name: 'Backend', scopes, ...input }
        const { body: made } = await as(ada, `/api/workspaces/${workspaceId}/keys`, { body })
        return { id: made.id as string, accessToken: made.key as string } as SignedIn & {
          id: string
        }
      },
  )
  .extend('backend', { scope: 'file' }, ({ newKey }) => newKey(['tokens:create', 'members:write']))
  .extend('newTeamBoard', { scope: 'file' }, ({ as, ada, workspaceId }) => async () => {
    const path = `/api/workspaces/${workspaceId}/boards`
    return (await as(ada, path, { body: { name: 'Board' } })).body.id as string
  })
  .extend('boardId', ({ newTeamBoard }) => newTeamBoard())
  .extend('writer', { scope: 'file' }, ({ newKey }) => newKey(['boards:write']))
  /** Mints a token for a user of the product. */
  .extend(
    'mint',
    { scope: 'file' },
    ({ as, backend }) =>
      async (externalId: string, input: object = {}, key = backend) => {
        const user = { externalId, name: 'Zoë' }
        return as(key, '/api/auth/tokens', { body: { user, ...input } })
      },
  )
  /** The same, where that has to work. */
  .extend('minted', ({ mint }) => async (...of: Parameters<typeof mint>) => {
    const { status, body } = await mint(...of)
    expect(status, JSON.stringify(body)).toBe(200)
    return body as SignedIn & { expiresAt: string }
  })
  .extend('roleOf', ({ as, ada }) => async (boardId: string, userId: string) => {
    const { body } = await as(ada, `/api/boards/${boardId}/members`)
    return body.items.find((member: { userId: string }) => member.userId === userId)?.role
  })

describe('minting a token', () => {
  test('makes an app user, and finds them again with a new name', async ({
    minted,
    boardId,
    as,
  }) => {
    const avatarUrl = 'https://product.example/zoe.png'
    const first = await minted('42', {
      user: { externalId: '42', name: ' Zoë ', avatarUrl },
      boards: { [boardId]: 'editor' },
    })
    expect(first.user).toMatchObject({ kind: 'app_user', externalId: '42', name: 'Zoë', avatarUrl })
    expect(await as(first, '/api/auth/me')).toMatchObject({
      status: 200,
      body: { id: first.user.id, kind: 'app_user', email: null, name: 'Zoë', avatarUrl },
    })
    expect(await as(first, `/api/boards/${boardId}`)).toMatchObject({
      status: 200,
      body: { access: { role: 'editor' } },
    })
    const again = await minted('42', { user: { externalId: '42', name: 'Zoë B.' } })
    expect(again.user).toMatchObject({ id: first.user.id, name: 'Zoë B.', avatarUrl: null })
    // What is not named stays.
    expect(await as(again, `/api/boards/${boardId}`)).toMatchObject({ status: 200 })
  })

  test('raises and lowers roles, and leaves other boards alone', async ({
    minted,
    boardId,
    newTeamBoard,
    roleOf,
    as,
    ada,
    workspaceId,
  }) => {
    const other = await newTeamBoard()
    const { user } = await minted('roles', {
      boards: { [boardId]: 'viewer', [other]: 'commenter' },
    })
    const roles = async () => [await roleOf(boardId, user.id), await roleOf(other, user.id)]
    expect(await roles()).toEqual(['viewer', 'commenter'])
    await minted('roles', { boards: { [boardId]: 'editor' } })
    expect(await roles()).toEqual(['editor', 'commenter'])
    await minted('roles', { boards: { [boardId]: 'viewer' } })
    await minted('roles')
    expect(await roles()).toEqual(['viewer', 'commenter'])
    const audit = await as(ada, `/api/workspaces/${workspaceId}/audit?limit=100`)
    const changes = audit.body.items.filter(({ targetId }: any) => targetId === user.id)
    expect(changes.map(({ changes }: any) => changes.role).sort()).toEqual([
      'commenter',
      'editor',
      'viewer',
      'viewer',
    ])
  })

  test('uses one session for a user and a key, and extends it', async ({
    minted,
    stack,
    newKey,
  }) => {
    const first = await minted('session', { expiresInSeconds: 60 })
    const later = await minted('session', { expiresInSeconds: 3_600 })
    await minted('session', { expiresInSeconds: 60 })
    const claims = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
    expect(claims(first.accessToken).sid).toBe(claims(later.accessToken).sid)
    expect(claims(first.accessToken)).not.toHaveProperty('until')
    expect(claims(first.accessToken).exp - claims(first.accessToken).iat).toBe(60)
    const read = () =>
      stack.database.query(
        `SELECT round(extract(epoch FROM expires_at - now()) / 60)::int AS minutes
          FROM sessions WHERE user_id = $1`,
        [first.user.id],
      )
    expect(await read()).toEqual([{ minutes: 60 }])
    await minted('session', { expiresInSeconds: 60 }, await newKey(['tokens:create']))
    expect(await read()).toHaveLength(2)
  })

  test('ends no later than its key', async ({ minted, newKey }) => {
    const expiresAt = new Date(Date.now() + 100_000).toISOString()
    const key = await newKey(['tokens:create'], { expiresAt })
    const { expiresAt: end } = await minted('short', {}, key)
    expect(Date.parse(end)).toBeLessThanOrEqual(Date.parse(expiresAt) + 1_000)
  })

  test('is refused beyond what it may give', async ({
    mint,
    boardId,
    stack,
    alan,
    newKey,
    as,
    ada,
    newTeamBoard,
  }) => {
    const foreign = await createBoard(stack.apiUrl, alan.accessToken)
    const trashed = await newTeamBoard()
    await as(ada, `/api/boards/${trashed}`, { method: 'DELETE' })
    const many = Object.fromEntries(Array.from({ length: 51 }, () => [randomUUID(), 'viewer']))
    for (const [input, status, code, key] of [
      [{ boards: { [foreign]: 'viewer' } }, 404, 'board_not_found'],
      [{ boards: { [randomUUID()]: 'viewer' } }, 404, 'board_not_found'],
      [{ boards: { [trashed]: 'viewer' } }, 404, 'board_not_found'],
      [{ boards: { [boardId]: 'owner' } }, 403, 'forbidden'],
      [{ boards: { [boardId]: 'god' } }, 400, 'validation_failed'],
      [{ boards: { board: 'viewer' } }, 400, 'validation_failed'],
      [{ boards: many }, 400, 'validation_failed'],
      [{ expiresInSeconds: 3_601 }, 400, 'validation_failed'],
      [{ expiresInSeconds: 59 }, 400, 'validation_failed'],
      [{ user: { externalId: '', name: 'Zoë' } }, 400, 'validation_failed'],
      [{ user: { externalId: 'x'.repeat(256), name: 'Zoë' } }, 400, 'validation_failed'],
      [{ user: { externalId: 'a\u0000b', name: 'Zoë' } }, 400, 'validation_failed'],
      [{ user: { externalId: '.', name: 'Zoë' } }, 400, 'validation_failed'],
      [{ user: { externalId: '..', name: 'Zoë' } }, 400, 'validation_failed'],
      [{ user: { externalId: 'x', name: ' ' } }, 400, 'validation_failed'],
      [{ user: { externalId: 'x', name: 'Zoë', avatarUrl: 'http://a' } }, 400, 'validation_failed'],
      [{}, 403, 'scope_required', await newKey(['boards:write', 'members:write'])],
      [{}, 403, 'forbidden', ada],
    ] as const) {
      expect(await mint('nobody', input, key as never), JSON.stringify(input)).toMatchObject({
        status,
        body: { code },
      })
    }
    const rows = await stack.database.query(
      `SELECT count(*)::int FROM users WHERE oauth_id = 'nobody'`,
    )
    expect(rows).toEqual([{ count: 0 }])
  })

  test('gives nothing to who is being disabled', async ({
    mint,
    minted,
    as,
    administrator,
    stack,
  }) => {
    for (let round = 0; round < 10; round++) {
      const name = `disabled-${round}`
      const { user } = await minted(name)
      await stack.database.query('DELETE FROM sessions WHERE user_id = $1', [user.id])
      const disable = () => as(administrator, `/api/admin/people/${user.id}/disable`, { body: {} })
      await Promise.all([mint(name), disable(), mint(name)])
      const left = 'SELECT id FROM sessions WHERE user_id = $1'
      expect(await stack.database.query(left, [user.id])).toEqual([])
      expect(await mint(name)).toMatchObject({ status: 403, body: { code: 'account_disabled' } })
    }
  })

  test('at the same moment makes one user with one session', async ({ mint, stack, boardId }) => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => mint('race', { boards: { [boardId]: 'viewer' } })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1)
    const rows = await stack.database.query(
      'SELECT count(*)::int FROM sessions WHERE user_id = $1',
      [answers[0]!.body.user.id],
    )
    expect(rows).toEqual([{ count: 1 }])
  })

  test('keeps users of different products apart', async ({ minted, as, person }) => {
    const eve = await person(`eve-${randomUUID()}`)
    const { body: workspace } = await as(eve, '/api/workspaces', { body: { name: 'Other' } })
    const { body: made } = await as(eve, `/api/workspaces/${workspace.id}/keys`, {
      body: { name: 'Backend', scopes: ['tokens:create'] },
    })
    const ours = await minted('same')
    const theirs = await minted('same', {}, { accessToken: made.key } as never)
    expect(theirs.user.id).not.toBe(ours.user.id)
  })
})

describe('an app user', () => {
  test('draws, is seen as what they are, and is on no route for people', async ({
    minted,
    boardId,
    whiteboard,
    ada,
    as,
    workspaceId,
  }) => {
    const zoe = await minted('drawing', { boards: { [boardId]: 'editor' } })
    const person = await whiteboard(0, ada)
    const client = await whiteboard(0, zoe)
    const { user } = await person.heard('presence:join', ({ user }) => user.id === zoe.user.id)
    expect(user).toEqual({ id: zoe.user.id, name: 'Zoë', kind: 'app_user' })
    expect(await client.heard('hello')).toMatchObject({ role: 'editor' })
    for (const [method, path] of [
      ['GET', '/api/workspaces'],
      ['GET', `/api/workspaces/${workspaceId}/boards`],
      ['GET', `/api/boards/${boardId}/members`],
      ['DELETE', '/api/auth/me'],
      ['DELETE', `/api/boards/${boardId}`],
    ]) {
      expect(await as(zoe, path!, { method: method! }), path).toMatchObject({ status: 403 })
    }
  })

  test('is out within a second once the key is revoked', async ({
    newKey,
    minted,
    boardId,
    whiteboard,
    as,
    ada,
    workspaceId,
  }) => {
    const key = await newKey(['tokens:create'])
    const zoe = await minted('revoked', { boards: { [boardId]: 'editor' } }, key)
    const client = await whiteboard(0, zoe)
    const revoked = await as(ada, `/api/workspaces/${workspaceId}/keys/${key.id}`, {
      method: 'DELETE',
    })
    const answeredAt = performance.now()
    expect(revoked.status).toBe(204)
    expect(await client.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
    expect(performance.now() - answeredAt).toBeLessThan(SECOND_MS)
    expect(await as(zoe, '/api/auth/me')).toMatchObject({ status: 401 })
  })

  test('is out within a second once they are removed, until the next token', async ({
    minted,
    boardId,
    whiteboard,
    as,
    backend,
    workspaceId,
    roleOf,
  }) => {
    const zoe = await minted('re/moved', { boards: { [boardId]: 'editor' } })
    const client = await whiteboard(0, zoe)
    const path = `/api/workspaces/${workspaceId}/app-users/${encodeURIComponent('re/moved')}`
    expect(await as(backend, path, { method: 'DELETE' })).toMatchObject({ status: 204 })
    const answeredAt = performance.now()
    const code = await client.closeCode()
    expect([CLOSE_CODES.SESSION_ENDED, CLOSE_CODES.ACCESS_REMOVED]).toContain(code)
    expect(performance.now() - answeredAt).toBeLessThan(SECOND_MS)
    expect(await as(zoe, '/api/auth/me')).toMatchObject({ status: 401 })
    expect(await roleOf(boardId, zoe.user.id)).toBeUndefined()
    const back = await minted('re/moved')
    expect(back.user.id).toBe(zoe.user.id)
    expect(await as(back, `/api/boards/${boardId}`)).toMatchObject({ status: 404 })
    const long = `/${'x'.repeat(254)}`
    await minted(long)
    const longPath = `/api/workspaces/${workspaceId}/app-users/${encodeURIComponent(long)}`
    expect(await as(backend, longPath, { method: 'DELETE' })).toMatchObject({ status: 204 })
    const unknown = `/api/workspaces/${workspaceId}/app-users/nobody`
    expect(await as(backend, unknown, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { code: 'app_user_not_found' },
    })
  })

  test('has a role on a board by what the product calls them', async ({
    minted,
    boardId,
    as,
    backend,
    roleOf,
  }) => {
    const { user } = await minted('by-id')
    const path = `/api/boards/${boardId}/members/by-external-id/by-id`
    const put = (role: string, to = path) => as(backend, to, { method: 'PUT', body: { role } })
    expect(await put('viewer')).toMatchObject({ status: 201, body: { userId: user.id } })
    expect(await put('editor')).toMatchObject({ status: 200, body: { role: 'editor' } })
    expect(await roleOf(boardId, user.id)).toBe('editor')
    expect(await put('owner')).toMatchObject({ status: 403 })
    expect(await put('owner', `/api/boards/${boardId}/members/${user.id}`)).toMatchObject({
      status: 403,
    })
    expect(await put('viewer', `${path}-unknown`)).toMatchObject({
      status: 404,
      body: { code: 'user_not_found' },
    })
    expect(await as(backend, path, { method: 'DELETE' })).toMatchObject({ status: 204 })
    expect(await roleOf(boardId, user.id)).toBeUndefined()
    expect(await as(backend, path, { method: 'DELETE' })).toMatchObject({ status: 404 })
  })

  test('is out when the token ends', async ({ minted, boardId, stack, whiteboard }) => {
    const zoe = await minted('ending', { boards: { [boardId]: 'viewer' } })
    const client = await whiteboard(0, zoe)
    expect(await client.heard('hello')).toMatchObject({ role: 'viewer' })
    await stack.database.query('UPDATE sessions SET expires_at = now() WHERE user_id = $1', [
      zoe.user.id,
    ])
    await eventually('the API refuses the token', async () => {
      const { status } = await fetch(`${stack.apiUrl}/api/auth/me`, {
        headers: { authorization: `Bearer ${zoe.accessToken}` },
      })
      return status === 401
    })
  })
})

describe('a board by the key of a product', () => {
  test('is made once, and found after', async ({ as, writer, ada, workspaceId, roleOf }) => {
    const path = `/api/workspaces/${workspaceId}/boards/by-key/${encodeURIComponent('doc/7')}`
    const put = (who = writer as SignedIn, name = 'Seven') =>
      as(who, path, { method: 'PUT', body: { name } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => put()))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
    const { body: board } = answers[0]!
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await put(ada, 'Other')).toMatchObject({
      status: 200,
      body: { id: board.id, name: 'Seven', access: { role: 'owner' } },
    })
    expect(await roleOf(board.id, ada.user.id)).toBeUndefined()
    await as(ada, `/api/boards/${board.id}`, { method: 'DELETE' })
    expect(await put()).toMatchObject({ status: 409, body: { code: 'in_trash' } })
    await as(ada, `/api/boards/${board.id}/permanently`, { method: 'DELETE' })
    const next = await put()
    expect(next.status).toBe(201)
    expect(next.body.id).not.toBe(board.id)
  })

  test('is one of a workspace: another has its own', async ({ as, writer, workspaceId, alan }) => {
    const { body } = await as(alan, '/api/workspaces')
    const path = (id: string) => `/api/workspaces/${id}/boards/by-key/shared`
    const put = (who: SignedIn, id: string) =>
      as(who, path(id), { method: 'PUT', body: { name: 'Shared' } })
    const ours = await put(writer, workspaceId)
    const theirs = await put(alan, body.items[0].id)
    expect([ours.status, theirs.status]).toEqual([201, 201])
    expect(ours.body.id).not.toBe(theirs.body.id)
    expect(await put(writer, body.items[0].id)).toMatchObject({ status: 404 })
    expect(await put(alan, workspaceId)).toMatchObject({ status: 404 })
  })
})

test('a key has so many users at a time that revoking it ends all of them at once', async ({
  mint,
  minted,
  newKey,
  stack,
  as,
  ada,
  workspaceId,
}) => {
  const key = await newKey(['tokens:create'])
  const known = await minted('known', {}, key)
  await stack.database.query(
    `WITH made AS (
      INSERT INTO users (kind, oauth_provider, oauth_id, name)
      SELECT 'app_user', $1, 'crowd ' || n, 'Crowd' FROM generate_series(1, $2::int) n RETURNING id
    )
    INSERT INTO sessions (user_id, parent_id, token, expires_at)
    SELECT id, $3, 'crowd ' || id, now() + interval '1 hour' FROM made`,
    [`workspace:${workspaceId}`, MAX_APP_USERS_PER_KEY - 1, key.id],
  )
  const refused = await mint('one more', {}, key)
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_app_users' } })
  expect((await mint('known', {}, key)).status).toBe(200)

  const path = `/api/workspaces/${workspaceId}/keys/${key.id}`
  expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
  expect((await as(known, '/api/auth/me')).status).toBe(401)
  const rows = await stack.database.query(
    `SELECT (SELECT count(*)::int FROM audit_entries WHERE target_id = $1 AND action = 'key.revoked') AS audited,
      (SELECT sum(jsonb_array_length(data->'sessions'))::int FROM events
        WHERE target_id = $1 AND type = 'key.revoked') AS named,
      (SELECT count(*)::int FROM sessions WHERE parent_id = $1) AS left`,
    [key.id],
  )
  expect(rows).toEqual([{ audited: 1, named: MAX_APP_USERS_PER_KEY + 1, left: 0 }])
})
