import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { createLink, createVisitor, openAsGuest } from '../support/guests.ts'
import { readPages } from '../support/pages.ts'
import { addMember, joinWorkspace } from '../support/people.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const TOKEN = /^[\w-]{43}$/

const test = base
  .extend(
    'make',
    ({ as, boardId }) =>
      (who: SignedIn, body: object = { role: 'editor' }) =>
        as(who, `/api/boards/${boardId}/links`, { body }),
  )
  /** A link of Ada's. */
  .extend(
    'link',
    ({ stack, ada, boardId }) =>
      (body?: object) =>
        createLink(stack, boardId, ada, body),
  )
  .extend(
    'visitor',
    ({ stack }) =>
      () =>
        createVisitor(stack),
  )
  .extend(
    'guest',
    ({ stack }) =>
      (token: string, name?: string) =>
        openAsGuest(stack, token, name),
  )
  .extend('roleOf', ({ as, boardId }) => async (who: SignedIn) => {
    const { status, body } = await as(who, `/api/boards/${boardId}`)
    return status === 200 ? body.access.role : status
  })
  .extend(
    'query',
    ({ stack }) =>
      (text: string, values?: unknown[]) =>
        stack.database.query(text, values),
  )
  .extend('workspaceId', async ({ query, boardId }) => {
    const [row] = await query('SELECT workspace_id FROM boards WHERE id = $1', [boardId])
    return row.workspace_id as string
  })

describe('a link', () => {
  test('is shown once, and lists tell all else of it', async ({
    make,
    as,
    ada,
    boardId,
    query,
  }) => {
    const expiresAt = new Date(Date.now() + DAY_MS).toISOString()
    const body = { role: 'viewer', label: ' Workshop ', expiresAt, password: 'hunter2' }
    const { status, body: created } = await make(ada, body)
    expect(status).toBe(201)
    const { token, url, ...kept } = created
    expect(token).toMatch(TOKEN)
    expect(url).toBe(`${WEB_ORIGIN}/links/${token}`)
    expect(kept).toEqual({
      ...{ id: expect.any(String), boardId, role: 'viewer', label: 'Workshop', expiresAt },
      ...{ hasPassword: true, uses: 0, lastOpenedAt: null, revokedAt: null, state: 'open' },
      ...{ createdBy: ada.user.id, createdAt: expect.any(String) },
    })
    const { items } = (await as(ada, `/api/boards/${boardId}/links`)).body
    expect(items).toEqual([kept])
    const [row] = await query('SELECT to_jsonb(l)::text AS text FROM board_links l WHERE id = $1', [
      kept.id,
    ])
    expect(row.text).not.toContain(token)
    expect(row.text).not.toContain('hunter2')
  })

  test('repeated with its Idempotency-Key has no token', async ({ as, ada, boardId }) => {
    const repeat = () =>
      as(ada, `/api/boards/${boardId}/links`, {
        body: { role: 'viewer' },
        headers: { 'idempotency-key': `link ${boardId}` },
      })
    const [first, second] = [await repeat(), await repeat()]
    expect(second.body).toEqual({ ...first.body, token: null, url: null })
  })

  test('is made by those who may invite, of their own role at most', async ({
    make,
    ada,
    alan,
    viewer,
    stack,
    boardId,
  }) => {
    expect((await make(alan)).status).toBe(201)
    expect((await make(ada, { role: 'owner' })).status).toBe(400)
    await addMember(stack, boardId, viewer, 'viewer')
    expect(await make(viewer, { role: 'viewer' })).toMatchObject({ status: 403 })
  })

  test('has to end in the future', async ({ make, ada }) => {
    for (const expiresAt of ['2016-12-31T23:59:60Z', '2020-01-01T00:00:00Z']) {
      expect(await make(ada, { role: 'viewer', expiresAt })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/expiresAt' }] },
      })
    }
  })

  test('is one of 50 at most that are open', async ({ make, ada, boardId, query, as }) => {
    await query(
      `INSERT INTO board_links (board_id, token, role, created_by, revoked_at)
       SELECT $1::uuid, gen_random_uuid()::text, 'viewer', $2, CASE WHEN n = 1 THEN now() END
       FROM generate_series(1, 50) AS n`,
      [boardId, ada.user.id],
    )
    const last = await make(ada)
    expect(last.status).toBe(201)
    expect(await make(ada)).toMatchObject({ status: 409, body: { code: 'too_many_links' } })
    await as(ada, `/api/boards/${boardId}/links/${last.body.id}`, { method: 'DELETE' })
    expect((await make(ada)).status).toBe(201)
    const read = (query: string) => as(ada, `/api/boards/${boardId}/links?limit=20${query}`)
    expect(await readPages(read)).toHaveLength(52)
  })

  test('previews the board, who shares it and what it asks for', async ({ link, as, ada }) => {
    const [open, locked] = [
      await link({ role: 'viewer' }),
      await link({ role: 'editor', password: 'x' }),
    ]
    const preview = async (token: string) => (await as(undefined, `/api/links/${token}`)).body
    const same = { boardName: 'Board', sharedBy: ada.user.name }
    expect(await preview(open.token)).toEqual({
      ...{ ...same, role: 'viewer', needsPassword: false, needsName: false },
    })
    expect(await preview(locked.token)).toEqual({
      ...{ ...same, role: 'editor', needsPassword: true, needsName: true },
    })
  })
})

describe('opened by nobody in particular', () => {
  test('it makes a guest, one in each browser, who is not asked again', async ({
    link,
    visitor,
    roleOf,
    query,
  }) => {
    const { id, token } = await link()
    const page = visitor()
    const { status, body, headers } = await page.open(token, { name: ' Grace \u202e' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      role: 'editor',
      user: { kind: 'guest', name: 'Grace', email: null },
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^mindfuse_guest=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/,
      ),
    ])
    expect(await roleOf(body)).toBe('editor')
    const again = await page.open(token)
    expect(again.body).toMatchObject({ user: { id: body.user.id }, role: 'editor' })
    expect(again.headers.getSetCookie()).toEqual([])
    const [row] = await query('SELECT uses, last_opened_at FROM board_links WHERE id = $1', [id])
    expect(row).toEqual({ uses: 1, last_opened_at: expect.any(Date) })
    const opened = await query(
      `SELECT count(*)::int FROM audit_entries WHERE action = 'link.opened' AND target_id = $1`,
      [id],
    )
    expect(opened).toEqual([{ count: 1 }])
  })

  test('it gives no more than to look until there is a name', async ({
    link,
    visitor,
    roleOf,
    as,
    boardId,
  }) => {
    const { token } = await link()
    const page = visitor()
    const { body: nameless } = await page.open(token)
    expect(nameless).toMatchObject({ role: 'viewer', user: { name: 'Guest' } })
    const { access } = (await as(nameless, `/api/boards/${boardId}`)).body
    expect(access).toMatchObject({
      role: 'viewer',
      can: { read: true, edit: false, broadcast: false },
    })
    for (const name of ['', '\u200b\u2800', 'x'.repeat(256), 17]) {
      expect((await page.open(token, { name })).status).toBe(400)
    }
    const { body: named } = await page.open(token, { name: 'Grace' })
    expect(named).toMatchObject({ role: 'editor', user: { id: nameless.user.id, name: 'Grace' } })
    expect(await roleOf(named)).toBe('editor')
  })

  test('a viewer with a name may broadcast, where viewers may', async ({
    link,
    guest,
    as,
    boardId,
  }) => {
    const { token } = await link({ role: 'viewer' })
    const broadcast = (who: SignedIn) =>
      as(who, `/api/boards/${boardId}/broadcast`, { body: { event: 'wave', payload: 1 } })
    expect((await broadcast(await guest(token, 'Grace'))).status).toBe(204)
    expect((await broadcast(await guest(token))).status).toBe(403)
  })

  test('guests use no routes but those of the board', async ({
    link,
    guest,
    as,
    boardId,
    workspaceId,
  }) => {
    const { token } = await link()
    const grace = await guest(token, 'Grace')
    expect((await as(grace, '/api/auth/me')).body).toMatchObject({ kind: 'guest', name: 'Grace' })
    for (const path of [
      '/api/workspaces',
      `/api/workspaces/${workspaceId}`,
      `/api/boards/${boardId}/members`,
      `/api/boards/${boardId}/links`,
      `/api/boards/${boardId}/guests`,
    ]) {
      expect(await as(grace, path), path).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    }
  })

  test('it takes no request of another site', async ({ link, visitor }) => {
    const { token } = await link()
    const answer = await visitor().open(token, {}, { 'sec-fetch-site': 'cross-site' })
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site_request' } })
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('many open it at once', async ({ link, guest, query }) => {
    const { id, token } = await link()
    const guests = await Promise.all(Array.from({ length: 40 }, (_, i) => guest(token, `G ${i}`)))
    expect(new Set(guests.map(({ user }) => user.id)).size).toBe(40)
    expect(await query('SELECT uses FROM board_links WHERE id = $1', [id])).toEqual([{ uses: 40 }])
  })
})

describe('opened by a person', () => {
  test('it gives access under their account, by token or by cookie', async ({
    link,
    person,
    stack,
    as,
    roleOf,
  }) => {
    const eve = await person(`eve-${crypto.randomUUID()}`)
    const { token } = await link({ role: 'viewer' })
    expect(await roleOf(eve)).toBe(404)
    const byToken = await as(eve, `/api/links/${token}/open`, { body: { name: 'Mallory' } })
    expect(byToken.body).toMatchObject({
      role: 'viewer',
      user: { id: eve.user.id, kind: 'person' },
    })
    expect(await roleOf(eve)).toBe('viewer')
    const page = createVisitor(stack, eve.browser)
    const byCookie = await page.open(token)
    expect(byCookie.body).toMatchObject({ role: 'viewer', user: { id: eve.user.id } })
    expect(byCookie.headers.getSetCookie()).toEqual([])
    expect(await roleOf(byCookie.body)).toBe('viewer')
  })

  test('it takes nothing from members, and is no member’s right', async ({
    link,
    as,
    alan,
    person,
    boardId,
    query,
  }) => {
    const viewing = await link({ role: 'viewer', password: 'x' })
    const answer = await as(alan, `/api/links/${viewing.token}/open`, { method: 'POST' })
    expect(answer.body).toMatchObject({ role: 'editor' })
    expect(await query('SELECT * FROM link_grants WHERE user_id = $1', [alan.user.id])).toEqual([])
    const eve = await person(`eve-${crypto.randomUUID()}`)
    const drawing = await link()
    await as(eve, `/api/links/${drawing.token}/open`, { method: 'POST' })
    const { access } = (await as(eve, `/api/boards/${boardId}`)).body
    expect(access).toMatchObject({ role: 'editor', can: { edit: true, invite: false } })
  })

  test('it lets nobody back who was removed or reduced since', async ({
    link,
    as,
    ada,
    alan,
    boardId,
    roleOf,
  }) => {
    const [older, viewing] = [await link(), await link({ role: 'viewer' })]
    await as(ada, `/api/boards/${boardId}/members/${alan.user.id}`, {
      method: 'PUT',
      body: { role: 'viewer' },
    })
    const open = (token: string) => as(alan, `/api/links/${token}/open`, { method: 'POST' })
    const refused = { status: 403, body: { code: 'invite_predates_removal' } }
    expect(await open(older.token)).toMatchObject(refused)
    expect((await open(viewing.token)).status).toBe(200)
    expect((await open((await link()).token)).body).toMatchObject({ role: 'editor' })
    await as(ada, `/api/boards/${boardId}/members/${alan.user.id}`, { method: 'DELETE' })
    expect(await roleOf(alan)).toBe(404)
    expect(await open(viewing.token)).toMatchObject(refused)
  })
})

describe('does not open', () => {
  const END: Record<string, string> = {
    revoked: 'UPDATE board_links SET revoked_at = now() WHERE id = $1',
    expired: `UPDATE board_links SET expires_at = now() WHERE id = $1`,
  }
  test.for(Object.entries(END))(
    'once it is %s',
    async ([state, text], { link, visitor, as, query }) => {
      const { id, token } = await link()
      await query(text, [id])
      const gone = { status: 410, body: { code: `link_${state}` } }
      expect(await visitor().open(token)).toMatchObject(gone)
      expect(await as(undefined, `/api/links/${token}`)).toMatchObject(gone)
    },
  )

  test('where it is unknown, truncated or mangled', async ({ link, visitor, as }) => {
    const { token } = await link()
    const mangled = [token.slice(0, -1), `${token}x`, 'nonsense', 'A'.repeat(43), '%00', '😀', ' ']
    for (const other of mangled.map(encodeURIComponent)) {
      const unknown = { status: 404, body: { code: 'link_not_found' } }
      expect(await visitor().open(other), other).toMatchObject(unknown)
      expect(await as(undefined, `/api/links/${other}`), other).toMatchObject(unknown)
    }
  })

  test('where its maker could not make it any more', async ({
    make,
    alan,
    ada,
    as,
    boardId,
    visitor,
    guest,
    roleOf,
    person,
    administrator,
    stack,
  }) => {
    const { token } = (await make(alan)).body
    const grace = await guest(token, 'Grace')
    await as(ada, `/api/boards/${boardId}/members/${alan.user.id}`, {
      method: 'PUT',
      body: { role: 'viewer' },
    })
    const gone = { status: 410, body: { code: 'link_revoked' } }
    expect(await visitor().open(token)).toMatchObject(gone)
    expect(await roleOf(grace)).toBe(404)

    const eve = await person(`eve-${crypto.randomUUID()}`)
    await addMember(stack, boardId, eve, 'editor')
    const [kept, other] = [(await make(eve)).body.token, (await make(eve)).body.token]
    const mary = await guest(kept, 'Mary')
    expect(await roleOf(mary)).toBe('editor')
    const disable = `/api/admin/people/${eve.user.id}/disable`
    expect((await as(administrator, disable, { body: {} })).status).toBe(204)
    expect(await roleOf(mary)).toBe(404)
    expect(await visitor().open(other)).toMatchObject(gone)
  })

  test('on a board in the trash', async ({ link, visitor, as, ada, boardId, guest, roleOf }) => {
    const { token } = await link()
    const grace = await guest(token, 'Grace')
    await as(ada, `/api/boards/${boardId}`, { method: 'DELETE' })
    expect(await visitor().open(token)).toMatchObject({ status: 410, body: { code: 'board_gone' } })
    expect(await roleOf(grace)).toBe(404)
    await as(ada, `/api/boards/${boardId}/restore`, { method: 'POST' })
    expect(await roleOf(grace)).toBe('editor')
  })

  test('for guests where the workspace keeps them out', async ({
    link,
    guest,
    visitor,
    as,
    ada,
    person,
    workspaceId,
    roleOf,
  }) => {
    const { token } = await link()
    const grace = await guest(token, 'Grace')
    const set = (guests: string) =>
      as(ada, `/api/workspaces/${workspaceId}`, { method: 'PATCH', body: { guests } })
    expect((await set('view')).body).toMatchObject({ guests: 'view' })
    expect(await roleOf(grace)).toBe('viewer')
    expect((await visitor().open(token, { name: 'Mary' })).body).toMatchObject({ role: 'viewer' })
    await set('off')
    expect(await roleOf(grace)).toBe(404)
    const kept = { status: 403, body: { code: 'guests_not_allowed' } }
    expect(await visitor().open(token)).toMatchObject(kept)
    expect(await grace.open(token)).toMatchObject(kept)
    const eve = await person(`eve-${crypto.randomUUID()}`)
    expect((await as(eve, `/api/links/${token}/open`, { method: 'POST' })).status).toBe(200)
    await set('edit')
    expect(await roleOf(grace)).toBe('editor')
    expect((await set('some')).status).toBe(400)
  })
})

describe('a password', () => {
  const locked = { role: 'editor', password: 'pass phräse' }

  test('is asked for once', async ({ link, visitor }) => {
    const { token } = await link(locked)
    const page = visitor()
    expect(await page.open(token)).toMatchObject({
      status: 403,
      body: { code: 'password_required' },
    })
    expect(await page.open(token, { password: 'wrong' })).toMatchObject({
      status: 403,
      body: { code: 'password_wrong' },
    })
    // The same, with its accents apart.
    expect((await page.open(token, { password: 'pass phra\u0308se' })).status).toBe(200)
    expect((await page.open(token)).status).toBe(200)
    expect((await page.open(token, { name: 'Grace' })).body).toMatchObject({ role: 'editor' })
  })

  test('is guessed five times at most, which is no matter to who has access', async ({
    link,
    visitor,
    guest,
  }) => {
    const { token } = await link(locked)
    const inside = visitor()
    expect((await inside.open(token, { password: locked.password })).status).toBe(200)
    const guesses: number[] = []
    for (const password of ['1', '2', '3', locked.password, '4', '5', '6', '7', locked.password]) {
      guesses.push((await visitor().open(token, { password })).status)
    }
    expect(guesses).toEqual([403, 403, 403, 200, 403, 403, 429, 429, 429])
    const blocked = await visitor().open(token, { password: locked.password })
    expect(blocked).toMatchObject({ status: 429, body: { code: 'too_many_passwords' } })
    const retryAfter = Number(blocked.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(10 * 60)
    expect(retryAfter).toBeLessThanOrEqual(15 * 60)
    expect((await inside.open(token)).status).toBe(200)
    // Other links are not affected.
    expect(await guest((await link()).token, 'Grace')).toMatchObject({ role: 'editor' })
  })
})

describe('revoking', () => {
  test('ends what the link gave, once', async ({
    link,
    guest,
    as,
    ada,
    boardId,
    roleOf,
    query,
  }) => {
    const [first, second] = [await link(), await link({ role: 'viewer' })]
    const grace = await guest(first.token, 'Grace')
    await grace.open(second.token)
    const revoke = () => as(ada, `/api/boards/${boardId}/links/${first.id}`, { method: 'DELETE' })
    expect((await revoke()).status).toBe(204)
    expect((await revoke()).status).toBe(204)
    expect(await roleOf(grace)).toBe('viewer')
    const events = await query(
      `SELECT data FROM events WHERE type = 'link.revoked' AND target_id = $1`,
      [first.id],
    )
    expect(events).toEqual([
      { data: { access: [{ boardId, version: expect.any(Number) }], sessions: [] } },
    ])
  })

  test('of a link that nobody used changes nobody’s access', async ({
    link,
    as,
    ada,
    boardId,
    query,
  }) => {
    const { id } = await link()
    await as(ada, `/api/boards/${boardId}/links/${id}`, { method: 'DELETE' })
    const [event] = await query(
      `SELECT data FROM events WHERE target_id = $1 AND type = 'link.revoked'`,
      [id],
    )
    expect(event.data.access).toEqual([])
  })

  test('is for who made it and those who manage members', async ({
    link,
    make,
    as,
    alan,
    ada,
    boardId,
  }) => {
    const [hers, his] = [await link(), (await make(alan)).body]
    const revoke = (who: SignedIn, id: string) =>
      as(who, `/api/boards/${boardId}/links/${id}`, { method: 'DELETE' })
    expect((await revoke(alan, hers.id)).status).toBe(403)
    expect((await revoke(alan, his.id)).status).toBe(204)
    expect((await revoke(ada, hers.id)).status).toBe(204)
    expect((await revoke(ada, crypto.randomUUID())).body.code).toBe('link_not_found')
  })

  test('goes along with the removal of a member, where asked for', async ({
    link,
    as,
    ada,
    alan,
    boardId,
    visitor,
  }) => {
    const { token } = await link()
    const path = `/api/boards/${boardId}/members/${alan.user.id}?revokeInvites=true`
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    expect(await visitor().open(token)).toMatchObject({
      status: 410,
      body: { code: 'link_revoked' },
    })
  })
})

describe('guests', () => {
  test('are listed with their link for who manages members, and removed', async ({
    link,
    guest,
    as,
    ada,
    alan,
    boardId,
    roleOf,
  }) => {
    const [drawing, viewing] = [await link(), await link({ role: 'viewer' })]
    const [grace, mary] = [await guest(drawing.token, 'Grace'), await guest(viewing.token)]
    const read = (query: string) => as(ada, `/api/boards/${boardId}/guests?limit=1${query}`)
    const openedAt = expect.any(String)
    expect(await readPages(read)).toEqual([
      {
        userId: mary.user.id,
        name: 'Guest',
        kind: 'guest',
        linkId: viewing.id,
        role: 'viewer',
        openedAt,
      },
      {
        userId: grace.user.id,
        name: 'Grace',
        kind: 'guest',
        linkId: drawing.id,
        role: 'editor',
        openedAt,
      },
    ])
    expect((await as(alan, `/api/boards/${boardId}/guests`)).status).toBe(403)
    const remove = (who: SignedIn, userId = grace.user.id) =>
      as(who, `/api/boards/${boardId}/guests/${userId}`, { method: 'DELETE' })
    expect((await remove(alan)).status).toBe(403)
    expect((await remove(ada)).status).toBe(204)
    expect((await remove(ada)).body.code).toBe('guest_not_found')
    expect(await roleOf(grace)).toBe(404)
    expect(await grace.open(drawing.token)).toMatchObject({
      status: 403,
      body: { code: 'invite_predates_removal' },
    })
    expect((await grace.open((await link()).token)).status).toBe(200)
  })

  test('renew their token with their cookie, until they sign out', async ({
    link,
    guest,
    roleOf,
    query,
  }) => {
    const { token } = await link()
    const grace = await guest(token, 'Grace')
    const { id } = grace.user
    await query(`UPDATE sessions SET expires_at = now() + interval '2 days' WHERE user_id = $1`, [
      id,
    ])
    const cookie = grace.browser.cookieHeader
    const renewed = await grace.post('/api/auth/token')
    expect(renewed).toMatchObject({ status: 200, body: { userId: id } })
    expect(grace.browser.cookieHeader).not.toBe(cookie)
    expect(await roleOf({ ...grace, ...renewed.body })).toBe('editor')
    const [session] = await query('SELECT expires_at FROM sessions WHERE user_id = $1', [id])
    expect(session.expires_at.getTime()).toBeGreaterThan(Date.now() + 29 * DAY_MS)
    expect((await grace.post('/api/auth/logout')).status).toBe(204)
    expect(grace.browser.cookies.size).toBe(0)
    expect(await roleOf(grace)).toBe(401)
    expect((await grace.post('/api/auth/token')).status).toBe(401)
  })

  test('stand back where a person is signed in', async ({ link, guest, person, stack }) => {
    const { token } = await link()
    const grace = await guest(token, 'Grace')
    const eve = await person(`eve-${crypto.randomUUID()}`)
    for (const [name, value] of grace.browser.cookies) eve.browser.cookies.set(name, value)
    const page = createVisitor(stack, eve.browser)
    const renew = async () => (await page.post('/api/auth/token')).body.userId
    expect(await renew()).toBe(eve.user.id)
    expect((await page.open(token)).body.user.id).toBe(eve.user.id)
    eve.browser.cookies.set('mindfuse_session', 'x'.repeat(43))
    expect(await renew()).toBe(grace.user.id)
    expect((await page.open(token)).body.user.id).toBe(grace.user.id)
  })

  test('of a workspace lose all when a member who manages removes them as members', async ({
    as,
    ada,
    person,
    stack,
  }) => {
    const { id } = (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body
    const board = (await as(ada, `/api/workspaces/${id}/boards`, { body: { name: 'B' } })).body.id
    const eve = await person(`eve-${crypto.randomUUID()}`)
    const { token } = await createLink(stack, board, ada)
    await as(eve, `/api/links/${token}/open`, { method: 'POST' })
    await joinWorkspace(stack, id, eve, 'member')
    await as(ada, `/api/workspaces/${id}/members/${eve.user.id}`, { method: 'DELETE' })
    expect((await as(eve, `/api/boards/${board}`)).status).toBe(404)
    expect(await as(eve, `/api/links/${token}/open`, { method: 'POST' })).toMatchObject({
      body: { code: 'invite_predates_removal' },
    })
  })
})
