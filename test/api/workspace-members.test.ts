import type { WorkspaceRole } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'
import { joinWorkspace } from '../support/people.ts'
import { recordedOf } from '../support/recorded.ts'

const test = base
  .extend('owner', { scope: 'file' }, ({ person }) => person('olga'))
  .extend('admin', { scope: 'file' }, ({ person }) => person('adam'))
  .extend('member', { scope: 'file' }, ({ person }) => person('mia'))
  .extend('guest', { scope: 'file' }, ({ person }) => person('guido'))
  .extend('stranger', { scope: 'file' }, ({ person }) => person('stan'))
  .extend('people', { scope: 'file' }, ({ owner, admin, member, guest, stranger }) => ({
    owner,
    admin,
    member,
    guest,
    stranger,
  }))
  .extend('team', { auto: true }, async ({ as, stack, owner, admin, member }) => {
    const { id } = (await as(owner, '/api/workspaces', { body: { name: 'Team' } })).body
    await joinWorkspace(stack, id, admin, 'admin')
    await joinWorkspace(stack, id, member, 'member')
    return id as string
  })
  .extend(
    'inTeam',
    ({ as, team }) =>
      (who: SignedIn, path: string, call: Call = {}) =>
        as(who, `/api/workspaces/${team}${path}`, call),
  )
  .extend(
    'add',
    ({ inTeam }) =>
      (who: SignedIn, body: unknown, headers: Record<string, string> = {}) =>
        inTeam(who, '/members', { body, headers }),
  )
  .extend(
    'change',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn, role: string) =>
        inTeam(who, `/members/${target.user.id}`, { method: 'PATCH', body: { role } }),
  )
  .extend(
    'remove',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn) =>
        inTeam(who, `/members/${target.user.id}`, { method: 'DELETE' }),
  )
  .extend(
    'transfer',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn) =>
        inTeam(who, '/transfer', { body: { userId: target.user.id } }),
  )
  .extend(
    'join',
    ({ stack, team }) =>
      (who: SignedIn, role: WorkspaceRole) =>
        joinWorkspace(stack, team, who, role),
  )
  .extend('roles', ({ stack, team }) => async (): Promise<Record<string, string>> => {
    const rows = await stack.database.query(
      `SELECT split_part(email, '@', 1) AS name, role FROM workspace_members
     JOIN users ON users.id = user_id WHERE workspace_id = $1`,
      [team],
    )
    return Object.fromEntries(rows.map(({ name, role }) => [name, role]))
  })
  .extend('ownerId', ({ stack, team }) => async (): Promise<string> => {
    const [row] = await stack.database.query('SELECT owner_id FROM workspaces WHERE id = $1', [
      team,
    ])
    return row.owner_id
  })
  .extend('createBoard', ({ team, as, owner }) => async (workspaceId = team): Promise<string> => {
    const path = `/api/workspaces/${workspaceId}/boards`
    return (await as(owner, path, { body: { name: 'Board' } })).body.id
  })
  .extend('accessVersion', ({ stack }) => async (boardId: string): Promise<number> => {
    const [row] = await stack.database.query(
      'SELECT access_version::int AS version FROM boards WHERE id = $1',
      [boardId],
    )
    return row.version
  })
  /** What the audit and the outbox hold of the team, apart from what was created. */
  .extend(
    'recorded',
    ({ stack, team }) =>
      () =>
        recordedOf(stack, team),
  )

interface Call {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

const NOTHING = { audit: [], events: [] }

describe('the list', () => {
  test('shows every member who is in it and as what', async ({ owner, admin, member, inTeam }) => {
    for (const who of [owner, admin, member]) {
      const { status, body } = await inTeam(who, '/members')
      expect(status).toBe(200)
      expect(body.nextCursor).toBeNull()
      expect(body.items[0]).toEqual({
        userId: owner.user.id,
        email: 'olga@example.com',
        name: owner.user.name,
        avatarUrl: expect.toSatisfy((url) => url === null || typeof url === 'string'),
        role: 'owner',
        joinedAt: expect.stringMatching(/Z$/),
      })
      expect(body.items.map((item: { role: string }) => item.role)).toEqual([
        'owner',
        'admin',
        'member',
      ])
    }
  })

  test('is nothing to a stranger', async ({ inTeam, stranger }) => {
    expect((await inTeam(stranger, '/members')).body.code).toBe('workspace_not_found')
  })

  test('has each of many once, also of those who joined at one moment', async ({
    stack,
    team,
    inTeam,
    member,
  }) => {
    await stack.database.query(
      `WITH people AS (
         INSERT INTO users (email, email_verified, name, oauth_provider, oauth_id)
         SELECT 'crowd' || n || '@example.com', true, 'Same Name', 'crowd', $1 || n
         FROM generate_series(1, 23) AS n RETURNING id
       )
       INSERT INTO workspace_members SELECT $1::uuid, id, 'member', '2020-01-01' FROM people`,
      [team],
    )
    const read = async (limit: number, q = ''): Promise<string[]> => {
      const path = `/members?limit=${limit}&q=${q}`
      const items = await readPages((cursor) => inTeam(member, `${path}${cursor}`))
      return items.map(({ userId }) => userId)
    }
    const all = await read(100)
    expect(new Set(all).size).toBe(26)
    expect(await read(5)).toEqual(all)
    expect(await read(5, 'SAME+name')).toEqual(all.slice(0, 23))
  })

  test.for<[q: string, names: string[]]>([
    ['ADAM@', ['adam']],
    ['example.com', ['olga', 'adam', 'mia']],
    ['%', []],
  ])('finds by name and email: %s', async ([q, names], { inTeam, member }) => {
    const { body } = await inTeam(member, `/members?q=${encodeURIComponent(q)}`)
    expect(body.items.map((item: { email: string }) => item.email)).toEqual(
      names.map((name) => `${name}@example.com`),
    )
  })

  test.for([
    ['?sort=name', '/query/sort'],
    ['?limit=0', '/query/limit'],
    ['?cursor=x', '/query/cursor'],
  ])('refuses %s', async ([query, pointer], { inTeam, owner }) => {
    const { status, body } = await inTeam(owner, `/members${query}`)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })
})

describe('adding', () => {
  test('takes an email in any case and makes a member, who sees the boards', async ({
    createBoard,
    accessVersion,
    add,
    admin,
    guest,
    as,
    recorded,
  }) => {
    const boardId = await createBoard()
    const version = await accessVersion(boardId)
    const { status, body } = await add(admin, { email: 'GUIDO@Example.com' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ userId: guest.user.id, role: 'member', name: guest.user.name })
    expect((await as(guest, `/api/boards/${boardId}`)).body.access.role).toBe('editor')
    expect(await recorded()).toMatchObject({
      audit: [
        {
          action: 'workspace.member_added',
          actor_id: admin.user.id,
          target_id: guest.user.id,
          changes: { role: 'member' },
        },
      ],
      events: [
        {
          type: 'workspace.member_added',
          user_id: guest.user.id,
          // Without access there was an answer that a gateway may remember.
          data: { access: [{ boardId, version: version + 1 }] },
        },
      ],
    })
  })

  test.for([
    ['an owner', 'owner', 'owner', 201],
    ['an owner', 'owner', 'admin', 201],
    ['an admin', 'admin', 'admin', 201],
    ['an admin', 'admin', 'member', 201],
    ['an admin', 'admin', 'owner', 403],
    ['a member', 'member', 'member', 403],
    ['a stranger', 'stranger', 'member', 404],
  ] as const)('by %s: %s', async ([_, who, role, status], { people, add, roles, recorded }) => {
    expect((await add(people[who], { email: 'guido@example.com', role })).status).toBe(status)
    expect((await roles()).guido).toBe(status === 201 ? role : undefined)
    if (status !== 201) expect(await recorded()).toEqual(NOTHING)
  })

  test('needs one account with this verified email, which is not there already', async ({
    stack,
    team,
    add,
    owner,
    recorded,
  }) => {
    await stack.database.query(
      `INSERT INTO users (email, email_verified, oauth_provider, oauth_id) VALUES
         ('twin@example.com', true, 'test', $1 || '1'), ('Twin@example.com', true, 'test', $1 || '2'),
         ('unsure@example.com', false, 'test', $1 || '3')`,
      [team],
    )
    const refusals = [
      ['nobody@example.com', 404, 'user_not_found'],
      ['unsure@example.com', 404, 'user_not_found'],
      ['twin@example.com', 409, 'email_ambiguous'],
      ['mia@example.com', 409, 'already_member'],
      ['olga@example.com', 409, 'already_member'],
    ]
    for (const [email, status, code] of refusals) {
      expect((await add(owner, { email })).body).toMatchObject({ status, code })
    }
    expect(await recorded()).toEqual(NOTHING)
  })

  test('is refused in a personal workspace', async ({ as, owner }) => {
    const { body } = await as(owner, '/api/workspaces?sort=createdAt&limit=1')
    const path = `/api/workspaces/${body.items[0].id}/members`
    const refused = await as(owner, path, { body: { email: 'guido@example.com' } })
    expect(refused.body).toMatchObject({ status: 409, code: 'personal_workspace' })
    expect((await as(owner, path)).body.items).toHaveLength(1)
  })

  test('twice with one key is adding once, twice at once without is a conflict', async ({
    add,
    owner,
    recorded,
    admin,
  }) => {
    const body = { email: 'guido@example.com', role: 'admin' }
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await add(owner, body, key)
    const again = await add(owner, body, key)
    expect([again.status, again.body]).toEqual([201, first.body])
    expect((await recorded()).events).toHaveLength(1)
    expect((await add(owner, { ...body, role: 'member' }, key)).status).toBe(422)

    const answers = await Promise.all(
      [owner, admin].map((who) => add(who, { email: 'stan@example.com' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await recorded()).events).toHaveLength(2)
  })

  test.for([
    ['no email', {}, '/email'],
    ['what is no email', { email: 'guido' }, '/email'],
    ['an unknown role', { email: 'guido@example.com', role: 'editor' }, '/role'],
    ['an unknown field', { email: 'guido@example.com', admin: true }, '/admin'],
  ])('%s is a 400', async ([_, body, pointer], { add, owner }) => {
    const answer = await add(owner, body)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})

describe('changing a role', () => {
  test.for([
    ['an owner makes', 'owner', 'an admin', 'admin', 'owner', 200],
    ['an owner makes', 'owner', 'a member', 'member', 'admin', 200],
    ['an admin makes', 'admin', 'a member', 'member', 'admin', 200],
    ['an admin makes', 'admin', 'themselves', 'admin', 'member', 200],
    ['an admin makes', 'admin', 'a member', 'member', 'owner', 403],
    ['an admin makes', 'admin', 'themselves', 'admin', 'owner', 403],
    ['an admin makes', 'admin', 'the owner', 'owner', 'member', 403],
    ['a member makes', 'member', 'themselves', 'member', 'admin', 403],
    ['a member makes', 'member', 'an admin', 'admin', 'member', 403],
    ['a stranger makes', 'stranger', 'themselves', 'stranger', 'owner', 404],
    ['an owner makes', 'owner', 'a stranger', 'stranger', 'member', 404],
  ] as const)(
    '%s, %s',
    async ([_, who, __, target, role, status], { people, roles, change, recorded }) => {
      const before = await roles()
      const answer = await change(people[who], people[target], role)
      expect(answer.status).toBe(status)
      const [name = ''] = people[target].user.email.split('@')
      expect(await roles()).toEqual(status === 200 ? { ...before, [name]: role } : before)
      if (status === 200)
        expect(answer.body).toMatchObject({ userId: people[target].user.id, role })
      else expect(await recorded()).toEqual(NOTHING)
    },
  )

  test('is recorded with its person and raises access versions', async ({
    createBoard,
    accessVersion,
    change,
    owner,
    member,
    as,
    recorded,
  }) => {
    const boardId = await createBoard()
    const version = await accessVersion(boardId)
    await change(owner, member, 'admin')
    expect((await as(member, `/api/boards/${boardId}`)).body.access.role).toBe('owner')
    expect(await recorded()).toMatchObject({
      audit: [
        {
          action: 'workspace.member_updated',
          actor_id: owner.user.id,
          target_id: member.user.id,
          changes: { role: 'admin', formerRole: 'member' },
        },
      ],
      events: [
        {
          type: 'workspace.member_updated',
          user_id: member.user.id,
          data: { access: [{ boardId, version: version + 1 }] },
        },
      ],
    })
  })

  test('to what it is already changes nothing', async ({ change, owner, member, recorded }) => {
    expect((await change(owner, member, 'member')).status).toBe(200)
    expect((await change(owner, owner, 'owner')).status).toBe(200)
    expect(await recorded()).toEqual(NOTHING)
  })

  test('leaves the last owner an owner', async ({ change, owner, roles, recorded }) => {
    for (const role of ['admin', 'member']) {
      const { body } = await change(owner, owner, role)
      expect(body).toMatchObject({ status: 409, code: 'last_owner' })
    }
    expect((await roles()).olga).toBe('owner')
    expect(await recorded()).toEqual(NOTHING)
  })

  test('of the owner whom the workspace names makes it name another', async ({
    join,
    guest,
    change,
    owner,
    ownerId,
  }) => {
    await join(guest, 'owner')
    expect((await change(owner, owner, 'member')).status).toBe(200)
    expect(await ownerId()).toBe(guest.user.id)
  })

  test('of another owner leaves the workspace named for the same', async ({
    join,
    guest,
    change,
    ownerId,
    owner,
  }) => {
    await join(guest, 'owner')
    expect((await change(guest, guest, 'member')).status).toBe(200)
    expect(await ownerId()).toBe(owner.user.id)
  })

  test('by two owners of each other at once succeeds once', async ({
    join,
    owner,
    guest,
    change,
    roles,
    ownerId,
    recorded,
  }) => {
    for (let round = 0; round < 5; round++) {
      await join(owner, 'owner')
      await join(guest, 'owner')
      const answers = await Promise.all([
        change(owner, guest, 'member'),
        change(guest, owner, 'member'),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
      const { olga, guido } = await roles()
      expect([olga, guido].sort()).toEqual(['member', 'owner'])
      expect(await ownerId()).toBe(olga === 'owner' ? owner.user.id : guest.user.id)
      expect((await recorded()).events).toHaveLength(round + 1)
    }
  })

  test.for([
    ['an unknown role', { role: 'editor' }, '/role'],
    ['nothing', {}, '/role'],
    ['more than a role', { role: 'admin', name: 'x' }, '/name'],
  ])('to %s is a 400', async ([_, body, pointer], { inTeam, owner, member }) => {
    const answer = await inTeam(owner, `/members/${member.user.id}`, { method: 'PATCH', body })
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] })
  })

  test('of who is no id is a 400', async ({ inTeam, owner }) => {
    const answer = await inTeam(owner, '/members/me', { method: 'PATCH', body: { role: 'admin' } })
    expect(answer.body.errors[0].pointer).toBe('/params/userId')
  })
})

describe('leaving', () => {
  test.for([
    ['an owner who is not the last', 'guest'],
    ['an admin', 'admin'],
    ['a member', 'member'],
  ] as const)('is for %s', async ([_, who], { people, join, guest, remove, inTeam, recorded }) => {
    await join(guest, 'owner')
    const answer = await remove(people[who], people[who])
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect((await inTeam(people[who], '')).status).toBe(404)
    expect((await remove(people[who], people[who])).status).toBe(404)
    expect(await recorded()).toMatchObject({
      audit: [{ action: 'workspace.member_removed', actor_id: people[who].user.id }],
      events: [{ type: 'workspace.member_removed', user_id: people[who].user.id }],
    })
  })

  test('is not for the last owner, also of a personal workspace', async ({
    remove,
    owner,
    recorded,
    as,
  }) => {
    expect((await remove(owner, owner)).body).toMatchObject({ status: 409, code: 'last_owner' })
    expect(await recorded()).toEqual(NOTHING)
    const { body } = await as(owner, '/api/workspaces?sort=createdAt&limit=1')
    const path = `/api/workspaces/${body.items[0].id}/members/${owner.user.id}`
    expect((await as(owner, path, { method: 'DELETE' })).body.code).toBe('last_owner')
    expect((await as(owner, `/api/workspaces/${body.items[0].id}`)).status).toBe(200)
  })

  test('by both of two owners at once is for one of them', async ({
    join,
    guest,
    remove,
    owner,
    roles,
    ownerId,
    recorded,
  }) => {
    await join(guest, 'owner')
    const answers = await Promise.all([remove(owner, owner), remove(guest, guest)])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    const left = Object.entries(await roles()).filter(([, role]) => role === 'owner')
    expect(left).toHaveLength(1)
    expect(await ownerId()).toBe(left[0]?.[0] === 'olga' ? owner.user.id : guest.user.id)
    expect((await recorded()).events).toHaveLength(1)
  })
})

describe('removing', () => {
  test.for([
    ['an owner', 'owner', 'an admin', 'admin', 204],
    ['an owner', 'owner', 'a member', 'member', 204],
    ['an admin', 'admin', 'a member', 'member', 204],
    ['an admin', 'admin', 'the owner', 'owner', 403],
    ['a member', 'member', 'an admin', 'admin', 403],
    ['a member', 'member', 'the owner', 'owner', 403],
    ['a stranger', 'stranger', 'a member', 'member', 404],
    ['an owner', 'owner', 'a stranger', 'stranger', 404],
  ] as const)(
    '%s, %s',
    async ([_, who, __, target, status], { people, remove, roles, recorded }) => {
      expect((await remove(people[who], people[target])).status).toBe(status)
      expect(Object.keys(await roles())).toHaveLength(status === 204 ? 2 : 3)
      if (status !== 204) expect(await recorded()).toEqual(NOTHING)
    },
  )

  test('takes the member off the boards of this workspace and of no other', async ({
    as,
    owner,
    createBoard,
    stack,
    member,
    guest,
    accessVersion,
    remove,
    admin,
    recorded,
  }) => {
    const { body } = await as(owner, '/api/workspaces', { body: { name: 'Other' } })
    const [here, there] = [await createBoard(), await createBoard(body.id)]
    await stack.database.query(
      `INSERT INTO board_members (board_id, user_id, role) VALUES
         ($1, $3, 'owner'), ($2, $3, 'viewer'), ($1, $4, 'viewer')`,
      [here, there, member.user.id, guest.user.id],
    )
    const version = await accessVersion(here)
    const elsewhere = await accessVersion(there)
    await remove(admin, member)
    expect((await as(member, `/api/boards/${here}`)).status).toBe(404)
    expect((await as(member, `/api/boards/${there}`)).status).toBe(200)
    expect((await as(guest, `/api/boards/${here}`)).status).toBe(200)
    expect(await accessVersion(there)).toBe(elsewhere)
    expect(await recorded()).toMatchObject({
      audit: [{ action: 'workspace.member_removed', changes: { formerRole: 'member' } }],
      events: [
        {
          user_id: member.user.id,
          data: { access: [{ boardId: here, version: version + 1 }] },
        },
      ],
    })
  })

  test('revokes the invites that the member can no longer create', async ({
    createBoard,
    stack,
    admin,
    member,
    remove,
    owner,
  }) => {
    const boardId = await createBoard()
    await stack.database.query(
      `INSERT INTO board_invites (board_id, token, role, created_by, expires_at)
       SELECT $1::uuid, 'hash of ' || email, 'editor', id, now() + interval '1 day' FROM users
       WHERE id IN ($2, $3)`,
      [boardId, admin.user.id, member.user.id],
    )
    await remove(owner, member)
    const rows = await stack.database.query(
      `SELECT created_by FROM board_invites WHERE board_id = $1 AND revoked_at IS NULL`,
      [boardId],
    )
    expect(rows).toEqual([{ created_by: admin.user.id }])
  })
})

describe('handing the workspace over', () => {
  test('makes the member owner and the caller admin', async ({
    createBoard,
    transfer,
    owner,
    member,
    team,
    inTeam,
    roles,
    ownerId,
    as,
    recorded,
  }) => {
    const boardId = await createBoard()
    const { status, body, headers } = await transfer(owner, member)
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: team, access: { role: 'admin', can: { delete: false } } })
    const read = await inTeam(owner, '')
    expect([read.body, read.headers.get('etag')]).toEqual([body, headers.get('etag')])
    expect(await roles()).toEqual({ olga: 'admin', adam: 'admin', mia: 'owner' })
    expect(await ownerId()).toBe(member.user.id)
    expect((await as(member, `/api/boards/${boardId}`)).body.access.role).toBe('owner')
    const { audit, events } = await recorded()
    expect(audit.map(({ action, changes }) => [action, changes])).toEqual([
      ['workspace.member_updated', { role: 'admin', formerRole: 'owner' }],
      ['workspace.member_updated', { role: 'owner', formerRole: 'member' }],
      ['workspace.updated', { ownerId: member.user.id, formerOwnerId: owner.user.id }],
    ])
    expect(events.map(({ user_id }) => user_id)).toEqual([member.user.id, owner.user.id, null])
    expect(events[0].data.access[0].boardId).toBe(boardId)
  })

  test('to a member who is an owner too makes them the one it names', async ({
    join,
    guest,
    member,
    transfer,
    owner,
    ownerId,
    roles,
  }) => {
    await join(guest, 'owner')
    await join(member, 'owner')
    expect((await transfer(owner, member)).status).toBe(200)
    expect(await ownerId()).toBe(member.user.id)
    expect(await roles()).toMatchObject({ olga: 'admin', mia: 'owner', guido: 'owner' })
  })

  test.for([
    ['an admin', 'admin', 'member', 403, 'forbidden'],
    ['a member', 'member', 'member', 403, 'forbidden'],
    ['a stranger', 'stranger', 'member', 404, 'workspace_not_found'],
    ['the owner to a stranger', 'owner', 'stranger', 404, 'member_not_found'],
    ['the owner to themselves', 'owner', 'owner', 409, 'already_owner'],
  ] as const)(
    'by %s is refused',
    async ([_, who, target, status, code], { people, transfer, ownerId, owner, recorded }) => {
      expect((await transfer(people[who], people[target])).body).toMatchObject({ status, code })
      expect(await ownerId()).toBe(owner.user.id)
      expect(await recorded()).toEqual(NOTHING)
    },
  )

  test('is refused for a personal workspace', async ({ as, owner, member }) => {
    const { body } = await as(owner, '/api/workspaces?sort=createdAt&limit=1')
    const path = `/api/workspaces/${body.items[0].id}/transfer`
    const refused = await as(owner, path, { body: { userId: member.user.id } })
    expect(refused.body).toMatchObject({ status: 409, code: 'personal_workspace' })
  })

  test('to two people at once reaches one of them', async ({
    transfer,
    owner,
    admin,
    member,
    roles,
  }) => {
    const answers = await Promise.all([transfer(owner, admin), transfer(owner, member)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    const owners = Object.values(await roles()).filter((role) => role === 'owner')
    expect(owners).toHaveLength(1)
  })

  test.for([
    [{}, '/userId'],
    [{ userId: 'mia' }, '/userId'],
    [{ userId: crypto.randomUUID(), role: 'owner' }, '/role'],
  ])('to %j is a 400', async ([body, pointer], { inTeam, owner }) => {
    const answer = await inTeam(owner, '/transfer', { body })
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] })
  })
})
