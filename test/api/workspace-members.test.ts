import { describe, expect } from 'vitest'
import { readPages } from '../support/pages.ts'
import { test } from '../support/team.ts'

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

describe('changing a role', () => {
  test.for([
    ['an owner makes', 'owner', 'an admin', 'admin', 'owner', 409],
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
