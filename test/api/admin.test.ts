import { connectWhiteboard, createBoard } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { Doc } from 'yjs'
import { newPicture, upload } from '../support/files.ts'
import { testWith } from '../support/fixtures.ts'
import { addMember, joinWorkspace } from '../support/people.ts'

const test = testWith({ gateways: 2 })
  /** What the administrator does to a person. */
  .extend(
    'act',
    { scope: 'file' },
    ({ as, administrator }) =>
      (who: { user: { id: string } }, act: string, body: object = {}) =>
        as(administrator, `/api/admin/people/${who.user.id}/${act}`, { body }),
  )

describe('an administrator', () => {
  test('is who is signed in with an identity of ADMINS, and nobody else', async ({
    as,
    administrator,
    ada,
  }) => {
    expect((await as(administrator, '/api/auth/me')).body).toMatchObject({ isAdmin: true })
    expect((await as(ada, '/api/auth/me')).body).toMatchObject({ isAdmin: false })
    expect(ada.user).toMatchObject({ isAdmin: false })
    expect(administrator.user).toMatchObject({ isAdmin: true })
  })

  test('is not who has the subject at another provider, nor the email', async ({
    as,
    stack,
    ada,
    administrator,
  }) => {
    await stack.database.query(
      `UPDATE users SET oauth_provider = 'other', email = 'administrator@example.com',
         oauth_id = (SELECT oauth_id FROM users WHERE id = $2) WHERE id = $1`,
      [ada.user.id, administrator.user.id],
    )
    expect((await as(ada, '/api/admin/people')).status).toBe(403)
    expect((await as(undefined, '/api/admin/people')).status).toBe(401)
    expect((await as(administrator, '/api/admin/people')).status).toBe(200)
  })
})

test('people are found by email, name and id, the newest first, in pages', async ({
  as,
  administrator,
  stack,
  person,
}) => {
  const grace = await person('grace.hopper')
  const mary = await person('mary.hopper')
  await stack.database.query(`UPDATE users SET name = 'R%ta' WHERE id = $1`, [mary.user.id])
  const find = async (query: string) =>
    (await as(administrator, `/api/admin/people?${query}`)).body as {
      items: { id: string }[]
      nextCursor: string | null
    }
  const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)

  expect(idsOf(await find('query=HOPPER'))).toEqual([mary.user.id, grace.user.id])
  expect(idsOf(await find('query=%25'))).toEqual([mary.user.id])
  expect((await find(`query=${grace.user.id}`)).items).toMatchObject([
    { id: grace.user.id, email: 'grace.hopper@example.com', name: 'Grace Hopper', isAdmin: false },
  ])
  const first = await find('query=hopper&limit=1')
  expect(idsOf(first)).toEqual([mary.user.id])
  const second = await find(`query=hopper&limit=1&cursor=${first.nextCursor}`)
  expect(idsOf(second)).toEqual([grace.user.id])
  expect(second.nextCursor).toBeNull()
})

describe('a disabled person', () => {
  test('is signed out, disconnected within a second, and cannot sign in until enabled', async ({
    as,
    act,
    administrator,
    person,
    stack,
  }) => {
    const mallory = await person('mallory')
    const boardId = await createBoard(stack.apiUrl, mallory.accessToken)
    const clients = await Promise.all(
      stack.realtimeUrls.map((realtimeUrl) =>
        connectWhiteboard({ realtimeUrl, boardId, token: mallory.accessToken }),
      ),
    )
    const startedAt = performance.now()
    expect(await act(mallory, 'disable', { reason: 'spam' })).toMatchObject({ status: 204 })
    for (const client of clients) expect(await client.closeCode()).toBe(4401)
    expect(performance.now() - startedAt).toBeLessThan(5_000)

    expect((await as(mallory, '/api/auth/me')).status).toBe(401)
    const refresh = await mallory.browser.fetch(`${stack.apiUrl}/api/auth/token`, {
      method: 'POST',
    })
    expect(refresh.status).toBe(401)
    await expect(person('mallory')).rejects.toThrow('403')
    const find = () => as(administrator, `/api/admin/people?query=${mallory.user.id}`)
    expect((await find()).body.items).toMatchObject([{ disabledAt: expect.any(String) }])

    expect(await act(mallory, 'enable')).toMatchObject({ status: 204 })
    expect((await person('mallory')).user.id).toBe(mallory.user.id)
    expect((await find()).body.items).toMatchObject([{ disabledAt: null }])
  })

  test('has no session, also one who signs in at that moment', async ({ act, person, stack }) => {
    const { user } = await person('racer')
    for (let round = 0; round < 5; round++) {
      await Promise.all([
        act({ user }, 'disable'),
        ...[1, 2, 3].map(() => person('racer').catch(() => undefined)),
      ])
      const sessions = 'SELECT FROM sessions WHERE user_id = $1'
      expect(await stack.database.query(sessions, [user.id])).toEqual([])
      await act({ user }, 'enable')
    }
  })

  test('is no administrator', async ({ as, administrator, person, stack }) => {
    const disable = 'UPDATE users SET disabled_at = now() WHERE id = $1'
    await stack.database.query(disable, [administrator.user.id])
    // As if a session were left over. What is cached is up to a second old.
    await expect.poll(async () => (await as(administrator, '/api/admin/people')).status).toBe(403)
    await stack.database.query('UPDATE users SET disabled_at = NULL')
    await person('administrator')
    await expect.poll(async () => (await as(administrator, '/api/admin/people')).status).toBe(200)
  })

  test('is never the one who asks', async ({ administrator, act, as }) => {
    expect((await act(administrator, 'disable')).body).toMatchObject({ code: 'own_account' })
    expect((await as(administrator, '/api/auth/me')).status).toBe(200)
  })
})

test('signing a person out ends their sessions, and lets them sign in again', async ({
  act,
  as,
  person,
}) => {
  const eve = await person('eve')
  expect((await act(eve, 'sign-out')).status).toBe(204)
  expect((await as(eve, '/api/auth/me')).status).toBe(401)
  expect((await person('eve')).user.id).toBe(eve.user.id)
  expect((await act({ user: { id: crypto.randomUUID() } }, 'sign-out')).status).toBe(404)
})

test('every act is in the audit of administration, which changes nothing that is in it', async ({
  act,
  as,
  administrator,
  person,
  stack,
}) => {
  const trent = await person('trent')
  await act(trent, 'disable', { reason: 'asked for it' })
  await act(trent, 'enable')
  const { body } = await as(administrator, '/api/admin/audit?limit=2')
  expect(body.items).toMatchObject([
    { action: 'person.enable', targetId: trent.user.id, reason: null, changes: {} },
    {
      actor: administrator.user.id,
      action: 'person.disable',
      targetType: 'user',
      targetId: trent.user.id,
      reason: 'asked for it',
      changes: { sessions: 1 },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      createdAt: expect.any(String),
    },
  ])
  const next = await as(administrator, `/api/admin/audit?limit=2&cursor=${body.nextCursor}`)
  expect(next.body.items.map(({ id }: { id: string }) => id)).not.toContain(body.items[1].id)
  await expect(stack.database.query(`UPDATE admin_audit SET actor = 'x'`)).rejects.toThrow(
    'never change',
  )
})

test('a person is shown with what is theirs', async ({ as, administrator, person, stack }) => {
  const iris = await person('iris')
  const boardId = await createBoard(stack.apiUrl, iris.accessToken)
  const picture = newPicture()
  await upload(stack, iris, boardId, picture)
  const { body: board } = await as(administrator, `/api/admin/boards/${boardId}`)
  expect(board).toMatchObject({ assets: 1, assetBytes: picture.bytes.length })
  const { body } = await as(administrator, `/api/admin/people/${iris.user.id}`)
  expect(body).toMatchObject({
    id: iris.user.id,
    sessions: 1,
    workspaces: [{ type: 'personal', role: 'owner' }],
    owned: { boards: 1, storageBytes: expect.any(Number), assetBytes: picture.bytes.length },
  })
  const path = `/api/admin/people/${crypto.randomUUID()}`
  expect((await as(administrator, path)).status).toBe(404)
})

test('a board is found by name, id and workspace, and shown but for what is on it', async ({
  as,
  administrator,
  person,
  stack,
}) => {
  const iris = await person('iris')
  const boardId = await createBoard(stack.apiUrl, iris.accessToken, 'Iris 100%')
  const [realtimeUrl = ''] = stack.realtimeUrls
  const client = await connectWhiteboard({ realtimeUrl, boardId, token: iris.accessToken })
  const get = async () => (await as(administrator, `/api/admin/boards/${boardId}`)).body
  await expect.poll(async () => (await get()).connections).toBe(1)
  const board = await get()
  expect(board).toMatchObject({
    ...{ name: 'Iris 100%', seq: 0, members: 1, quarantined: 0, damagedAt: null },
    ...{ buildFailure: null, trashedAt: null },
  })
  for (const query of ['iris%20100%25', boardId, board.workspaceId]) {
    const { body } = await as(administrator, `/api/admin/boards?query=${query}`)
    expect(body.items.map(({ id }: { id: string }) => id)).toContain(boardId)
  }
  // Being an administrator opens none.
  expect((await as(administrator, `/api/boards/${boardId}`)).status).toBe(404)
  expect((await as(administrator, `/api/boards/${boardId}/export`)).status).toBe(404)
  client.socket.close()
})

test('who is connected to a board is listed by name, on all gateways, while they are', async ({
  as,
  administrator,
  person,
  stack,
}) => {
  const host = await person('host')
  const guest = await person('a-guest')
  const boardId = await createBoard(stack.apiUrl, host.accessToken)
  await addMember(stack, boardId, guest, 'viewer')
  const path = `/api/admin/boards/${boardId}/connections`
  const get = async () => (await as(administrator, path)).body
  expect(await get()).toEqual({ people: [], total: 0 })
  const connect = (who: typeof host, gateway: number) =>
    connectWhiteboard({
      ...{ realtimeUrl: stack.realtimeUrls[gateway] ?? '', boardId },
      token: who.accessToken,
    })
  const clients = [await connect(host, 0), await connect(host, 1), await connect(guest, 1)]
  await expect.poll(get).toEqual({
    people: [
      { id: guest.user.id, name: guest.user.name, connections: 1 },
      { id: host.user.id, name: host.user.name, connections: 2 },
    ],
    total: 2,
  })
  for (const client of clients) client.socket.close()
  await expect.poll(get).toEqual({ people: [], total: 0 })
  const nothing = `/api/admin/boards/${crypto.randomUUID()}/connections`
  expect((await as(administrator, nothing)).status).toBe(404)
})

describe('erasing a person', () => {
  test('deletes the account, and their email from invites, offers and the audit log', async ({
    act,
    as,
    person,
    stack,
  }) => {
    const owner = await person('owner-of-team')
    const gone = await person('Gone.Person')
    const { body: team } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
    const email = 'gone.person@example.com'
    const offer = { email: 'Gone.Person@example.com', role: 'member' }
    await as(owner, `/api/workspaces/${team.id}/members`, { body: offer })
    const boardId = await createBoard(stack.apiUrl, owner.accessToken)
    await as(owner, `/api/boards/${boardId}/invite`, { body: { role: 'viewer', email } })
    const named = async () => {
      const [row] = await stack.database.query(
        `SELECT (SELECT count(*)::int FROM users WHERE email = $1) AS users,
           (SELECT count(*)::int FROM board_invites WHERE email = $1) AS invites,
           (SELECT count(*)::int FROM pending_memberships WHERE email = $1) AS offers,
           (SELECT count(*)::int FROM audit_entries WHERE changes::text LIKE '%' || $1 || '%') AS audit,
           (SELECT count(*)::int FROM admin_audit WHERE changes::text LIKE '%' || $1 || '%') AS acts`,
        [email],
      )
      return row
    }
    expect(await named()).toEqual({ users: 1, invites: 1, offers: 1, audit: 2, acts: 0 })
    expect((await act(gone, 'erase')).status).toBe(204)
    expect(await named()).toEqual({ users: 0, invites: 0, offers: 0, audit: 0, acts: 0 })
    expect((await as(gone, '/api/auth/me')).status).toBe(401)
  })

  test('leaves what names another account with that email', async ({ act, as, person, stack }) => {
    const owner = await person('owner-of-team')
    const twin = await person('twin')
    await stack.database.query(
      `INSERT INTO users (oauth_provider, oauth_id, email, email_verified)
       VALUES ('other', 'twin', 'twin@example.com', true)`,
    )
    const { body: team } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
    const offer = { email: 'twin@example.com', role: 'member' }
    await as(owner, `/api/workspaces/${team.id}/members`, { body: offer })
    expect((await act(twin, 'erase')).status).toBe(204)
    const { body } = await as(owner, `/api/workspaces/${team.id}/memberships`)
    expect(body.items).toMatchObject([{ email: 'twin@example.com' }])
  })

  test('leaves what names an email that is not proven to be theirs', async ({
    act,
    as,
    person,
    stack,
  }) => {
    const owner = await person('owner-of-team')
    const liar = await person('liar')
    const claim = `UPDATE users SET email = 'boss@example.com', email_verified = false WHERE id = $1`
    await stack.database.query(claim, [liar.user.id])
    const { body: team } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
    const offer = { email: 'boss@example.com', role: 'member' }
    await as(owner, `/api/workspaces/${team.id}/members`, { body: offer })
    expect((await act(liar, 'erase')).status).toBe(204)
    const { body } = await as(owner, `/api/workspaces/${team.id}/memberships`)
    expect(body.items).toMatchObject([{ email: 'boss@example.com' }])
  })

  test('is refused while others need them as an owner, who can be another then', async ({
    act,
    as,
    administrator,
    person,
    stack,
  }) => {
    const sole = await person('sole')
    const heir = await person('heir')
    const { body: team } = await as(sole, '/api/workspaces', { body: { name: 'Team' } })
    await joinWorkspace(stack, team.id, heir, 'member')
    expect((await act(sole, 'erase')).body).toMatchObject({ code: 'sole_owner' })
    const makeOwner = (who: { user: { id: string } }) =>
      as(administrator, `/api/admin/workspaces/${team.id}/owner`, {
        body: { personId: who.user.id, reason: 'left the company' },
      })
    expect((await makeOwner(heir)).status).toBe(204)
    const { body: seen } = await as(heir, `/api/workspaces/${team.id}`)
    expect(seen.access.role).toBe('owner')
    expect((await act(sole, 'erase')).status).toBe(204)
    expect((await makeOwner(sole)).status).toBe(404)

    const { body: log } = await as(heir, `/api/workspaces/${team.id}/audit`)
    const entry = log.items.find(({ action }: { action: string }) => action === 'workspace.updated')
    // The owners see who it was, and not from where.
    expect(entry).toMatchObject({ actorId: administrator.user.id, ip: null, userAgent: null })
    const { body: acts } = await as(administrator, '/api/admin/audit?limit=2')
    expect(acts.items.map(({ action }: { action: string }) => action)).toEqual([
      'person.erase',
      'workspace.make_owner',
    ])
  })
})

test('a stranger becomes the owner of a team, of no personal workspace, and not while disabled', async ({
  act,
  as,
  administrator,
  person,
  stack,
}) => {
  const founder = await person('founder')
  const successor = await person('successor')
  const { body: team } = await as(founder, '/api/workspaces', { body: { name: 'Team' } })
  const makeOwner = (workspaceId: string) =>
    as(administrator, `/api/admin/workspaces/${workspaceId}/owner`, {
      body: { personId: successor.user.id },
    })
  await act(successor, 'disable')
  expect((await makeOwner(team.id)).body).toMatchObject({ code: 'account_disabled' })
  await act(successor, 'enable')
  const [{ id: personal }] = await stack.database.query(
    `SELECT id FROM workspaces WHERE owner_id = $1 AND type = 'personal'`,
    [founder.user.id],
  )
  expect((await makeOwner(personal)).body).toMatchObject({ code: 'personal_workspace' })
  expect((await makeOwner(crypto.randomUUID())).status).toBe(404)
  expect((await makeOwner(team.id)).status).toBe(204)
  expect(
    await stack.database.query('SELECT owner_id FROM workspaces WHERE id = $1', [team.id]),
  ).toEqual([{ owner_id: successor.user.id }])
})

test('what is in quarantine is listed by board, and stored again as edits of its authors', async ({
  as,
  administrator,
  documents,
  person,
  stack,
}) => {
  const iris = await person('iris')
  const boardId = await createBoard(stack.apiUrl, iris.accessToken)
  const doc = new Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of ['one ', 'two ']) doc.getText('text').insert(doc.getText('text').length, word)
  for (const [i, update] of updates.entries()) {
    await stack.database.query(
      `INSERT INTO quarantined_updates (board_id, seq, kind, user_id, update, reason, created_at)
       VALUES ($1, $2, 'update', $3, $4, 'unreadable', now())`,
      [boardId, i + 1, iris.user.id, Buffer.from(update)],
    )
  }
  const list = async () => (await as(administrator, '/api/admin/quarantine')).body.items
  expect(await list()).toMatchObject([
    { boardId, updates: 2, snapshots: 0, reason: 'unreadable', bytes: expect.any(Number) },
  ])
  const requeue = (id: string) =>
    as(administrator, `/api/admin/boards/${id}/requeue`, { body: { reason: 'new release' } })
  expect((await requeue(boardId)).body).toEqual({ requeued: 2, left: 0 })
  expect(await list()).toEqual([])
  expect((await documents.open(boardId)).getText('text').toString()).toBe('one two ')
  const authors = 'SELECT DISTINCT user_id FROM board_updates WHERE board_id = $1'
  expect(await stack.database.query(authors, [boardId])).toEqual([{ user_id: iris.user.id }])
  expect((await requeue(boardId)).body).toEqual({ requeued: 0, left: 0 })
  expect((await requeue(crypto.randomUUID())).status).toBe(404)
})
