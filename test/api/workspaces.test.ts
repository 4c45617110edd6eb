import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'
import { joinWorkspace } from '../support/people.ts'
import { recordedOf } from '../support/recorded.ts'

const test = base
  .extend('owner', { scope: 'file' }, ({ person }) => person('owner'))
  .extend('admin', { scope: 'file' }, ({ person }) => person('admin'))
  .extend('member', { scope: 'file' }, ({ person }) => person('member'))
  .extend('stranger', { scope: 'file' }, ({ person }) => person('stranger'))
  .extend('people', { scope: 'file' }, ({ owner, admin, member, stranger }) => ({
    owner,
    admin,
    member,
    stranger,
  }))
  .extend(
    'on',
    { scope: 'file' },
    ({ as }) =>
      (who: SignedIn, path: string, call?: Call) =>
        as(who, `/api/workspaces${path}`, call),
  )
  .extend('reader', { scope: 'file' }, async ({ person, on }) => {
    const reader = await person('reader')
    // The same name often, so that only the id tells them apart.
    const names = [
      'beta',
      'Alpha',
      'same',
      'Same',
      'SAME',
      'same',
      '100% done',
      'Äpfel',
      'a_b',
      'aXb',
    ]
    for (const name of names) await on(reader, '', { body: { name } })
    return reader
  })
  .extend(
    'rename',
    ({ on }) =>
      (who: SignedIn, id: string, name: string, call: Call = {}) =>
        on(who, `/${id}`, { method: 'PATCH', body: { name }, ...call }),
  )
  .extend(
    'remove',
    ({ on }) =>
      (who: SignedIn, id: string, call: Call = {}) =>
        on(who, `/${id}`, { method: 'DELETE', ...call }),
  )
  /** A team workspace of the three. */
  .extend(
    'createTeam',
    ({ on, owner, stack, admin, member }) =>
      async (name = 'Team'): Promise<string> => {
        const { body } = await on(owner, '', { body: { name } })
        await joinWorkspace(stack, body.id, admin, 'admin')
        await joinWorkspace(stack, body.id, member, 'member')
        return body.id
      },
  )
  .extend('team', ({ createTeam }) => createTeam())
  .extend('createBoard', ({ on, owner }) => async (workspaceId: string): Promise<string> => {
    const { body } = await on(owner, `/${workspaceId}/boards`, { body: { name: 'Board' } })
    return body.id
  })
  /** What the audit and the outbox hold of a workspace, apart from its making. */
  .extend(
    'recorded',
    ({ stack }) =>
      (workspaceId: string) =>
        recordedOf(stack, workspaceId),
  )
  .extend(
    'readAll',
    ({ on, reader }) =>
      async (query: string, limit: number): Promise<{ id: string; name: string }[]> => {
        return readPages((cursor) => on(reader, `?limit=${limit}&${query}${cursor}`))
      },
  )

interface Call {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } })

const NOTHING = { audit: [], events: [] }

describe('the version', () => {
  test('comes with what is created, read and changed', async ({ on, owner, rename }) => {
    const created = await on(owner, '', { body: { name: 'New' } })
    expect(created.headers.get('etag')).toBe('"v1"')
    const { id } = created.body
    expect((await on(owner, `/${id}`)).headers.get('etag')).toBe('"v1"')
    const renamed = await rename(owner, id, 'Renamed')
    expect(renamed.headers.get('etag')).toBe('"v2"')
    const read = await on(owner, `/${id}`)
    expect(read.headers.get('etag')).toBe('"v2"')
    expect(read.body).toEqual(renamed.body)
  })

  test('that the client has already is not sent again', async ({ on, owner, team, rename }) => {
    const since = (etag: string) => on(owner, `/${team}`, { headers: { 'if-none-match': etag } })
    const unchanged = await since('"v1"')
    expect([unchanged.status, unchanged.body]).toEqual([304, ''])
    await rename(owner, team, 'Renamed')
    expect((await since('"v1"')).status).toBe(200)
  })

  test('is another one for a member whose role has changed', async ({
    on,
    member,
    team,
    owner,
  }) => {
    const before = await on(member, `/${team}`)
    await on(owner, `/${team}/members/${member.user.id}`, {
      method: 'PATCH',
      body: { role: 'admin' },
    })
    const etag = before.headers.get('etag') ?? ''
    const after = await on(member, `/${team}`, { headers: { 'if-none-match': etag } })
    expect(after.status).toBe(200)
    expect(after.body.access.role).toBe('admin')
  })
})

describe('renaming', () => {
  test.for([
    ['the owner', 'owner', 200],
    ['an admin', 'admin', 200],
    ['a member', 'member', 403],
    ['a stranger', 'stranger', 404],
  ] as const)('by %s', async ([_, who, status], { people, rename, team, on, owner, recorded }) => {
    const answer = await rename(people[who], team, '  Renamed ')
    expect(answer.status).toBe(status)
    const { body } = await on(owner, `/${team}`)
    expect(body.name).toBe(status === 200 ? 'Renamed' : 'Team')
    if (status !== 200) expect(await recorded(team)).toEqual(NOTHING)
  })

  test('moves updatedAt and is recorded', async ({ on, owner, team, rename, admin, recorded }) => {
    const before = await on(owner, `/${team}`)
    const { body } = await rename(admin, team, 'Renamed')
    expect(body).toMatchObject({ name: 'Renamed', access: { role: 'admin' } })
    expect(Date.parse(body.updatedAt)).toBeGreaterThan(Date.parse(before.body.updatedAt))
    expect(await recorded(team)).toMatchObject({
      audit: [
        {
          action: 'workspace.updated',
          actor_id: admin.user.id,
          target_type: 'workspace',
          target_id: team,
          changes: { name: 'Renamed', formerName: 'Team' },
        },
      ],
      events: [{ type: 'workspace.updated', data: { access: [], sessions: [] } }],
    })
  })

  test('goes by If-Match', async ({ rename, owner, team, recorded }) => {
    for (const etag of ['"v7"', '"elsewhere"', 'nonsense']) {
      const { body } = await rename(owner, team, 'Never', ifMatch(etag))
      expect(body).toMatchObject({ status: 412, code: 'version_mismatch' })
    }
    expect(await recorded(team)).toEqual(NOTHING)
    expect((await rename(owner, team, 'Second', ifMatch('"v1"'))).status).toBe(200)
    expect((await rename(owner, team, 'Third', ifMatch('*'))).status).toBe(200)
    expect((await rename(owner, team, 'Never', ifMatch('"v2"'))).status).toBe(412)
  })

  test('of one version by many succeeds once', async ({ rename, owner, team, on, recorded }) => {
    const answers = await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) => rename(owner, team, name, ifMatch('"v1"'))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
    const winner = answers.find(({ status }) => status === 200)
    expect((await on(owner, `/${team}`)).body.name).toBe(winner?.body.name)
    expect((await recorded(team)).events).toHaveLength(1)
  })

  test.for([
    ['nothing', {}, ''],
    ['an unknown field', { name: 'x', type: 'personal' }, '/type'],
    ['a wrong type', { name: null }, '/name'],
    ['a name of blanks', { name: ' ' }, '/name'],
    ['a name that nobody sees', { name: '\u2800\ufeff' }, '/name'],
    ['a name that is too long', { name: 'x'.repeat(256) }, '/name'],
  ])('to %s is a 400', async ([_, body, pointer], { on, owner, team, recorded }) => {
    const answer = await on(owner, `/${team}`, { method: 'PATCH', body })
    expect(answer.body).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(answer.body.errors[0].pointer).toBe(pointer)
    expect(await recorded(team)).toEqual(NOTHING)
  })
})

describe('the list', () => {
  test.for(['-createdAt', 'createdAt', 'name', '-name'])(
    'sorted by %s has each workspace once, however long its pages',
    async (sort, { readAll }) => {
      const all = await readAll(`sort=${sort}`, 100)
      expect(all).toHaveLength(11)
      for (const limit of [1, 2, 3]) expect(await readAll(`sort=${sort}`, limit)).toEqual(all)
      const opposite = sort.startsWith('-') ? sort.slice(1) : `-${sort}`
      expect(await readAll(`sort=${opposite}`, 3)).toEqual([...all].reverse())
    },
  )

  test('is newest first unless asked otherwise', async ({ readAll }) => {
    expect(await readAll('', 4)).toEqual(await readAll('sort=-createdAt', 4))
    expect((await readAll('', 4))[0]?.name).toBe('aXb')
  })

  test('sorts names regardless of case', async ({ readAll }) => {
    const names = (await readAll('sort=name&q=a', 2)).map(({ name }) => name.toLowerCase())
    expect(names.indexOf('alpha')).toBeLessThan(names.indexOf('beta'))
    expect(names.slice(-4)).toEqual(['same', 'same', 'same', 'same'])
  })

  test.for<[q: string, names: string[]]>([
    ['SAM', ['SAME', 'Same', 'same', 'same']],
    ['0%', ['100% done']],
    ['a_b', ['a_b']],
    ['äPFEL', ['Äpfel']],
    ['\\', []],
    ['nothing like it', []],
    ["'; DROP TABLE workspaces; --", []],
  ])('finds what contains %j', async ([q, names], { readAll }) => {
    const found = await readAll(`q=${encodeURIComponent(q)}`, 3)
    expect(found.map(({ name }) => name).sort()).toEqual(names)
  })

  test('refuses a cursor of another order, and what is no order', async ({ on, reader }) => {
    const { body } = await on(reader, '?limit=1&sort=name')
    for (const sort of ['-name', 'createdAt', '-createdAt']) {
      const answer = await on(reader, `?sort=${sort}&cursor=${body.nextCursor}`)
      expect(answer.body).toMatchObject({ status: 400, code: 'invalid_cursor' })
    }
    expect((await on(reader, '?sort=owner')).body.errors[0].pointer).toBe('/query/sort')
    expect((await on(reader, '?q=%00')).status).toBe(400)
    expect((await on(reader, `?q=${'x'.repeat(256)}`)).body.errors[0].pointer).toBe('/query/q')
  })
})

describe('deleting', () => {
  test.for([
    ['an admin', 'admin', 403],
    ['a member', 'member', 403],
    ['a stranger', 'stranger', 404],
  ] as const)(
    'by %s is refused',
    async ([_, who, status], { people, remove, team, on, owner, recorded }) => {
      expect((await remove(people[who], team)).status).toBe(status)
      expect((await on(owner, `/${team}`)).status).toBe(200)
      expect(await recorded(team)).toEqual(NOTHING)
    },
  )

  test('hides it and its boards from everybody', async ({
    createBoard,
    team,
    remove,
    owner,
    admin,
    member,
    stranger,
    on,
    rename,
  }) => {
    const boardId = await createBoard(team)
    const answer = await remove(owner, team)
    expect([answer.status, answer.body]).toEqual([204, ''])
    for (const who of [owner, admin, member, stranger]) {
      for (const path of ['', '/boards', '/members', '/audit']) {
        expect((await on(who, `/${team}${path}`)).body.code).toBe('workspace_not_found')
      }
      expect((await on(who, `/../boards/${boardId}`)).body.code).toBe('board_not_found')
      const { body } = await on(who, '?limit=100')
      expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(team)
    }
    expect((await rename(owner, team, 'Again')).status).toBe(404)
    expect((await remove(owner, team)).status).toBe(404)
  })

  test('puts its boards into the trash and raises all their access versions', async ({
    createBoard,
    team,
    stack,
    admin,
    remove,
    owner,
    recorded,
  }) => {
    const [inUse, trashed] = [await createBoard(team), await createBoard(team)]
    await stack.database.query(
      `UPDATE boards SET deleted_at = '2020-01-01', deleted_by = $2 WHERE id = $1`,
      [trashed, admin.user.id],
    )
    const boards = () =>
      stack.database.query(
        `SELECT id, deleted_at, deleted_by, access_version::int AS version FROM boards
         WHERE workspace_id = $1 ORDER BY created_at`,
        [team],
      )
    const before = await boards()
    await remove(owner, team)
    const after = await boards()
    expect(after).toMatchObject([
      { id: inUse, deleted_at: expect.any(Date), deleted_by: owner.user.id },
      { id: trashed, deleted_at: new Date('2020-01-01'), deleted_by: admin.user.id },
    ])
    expect(after.map(({ version }) => version)).toEqual(before.map(({ version }) => version + 1))
    const access = after.map(({ id, version }) => ({ boardId: id, version }))
    expect(await recorded(team)).toMatchObject({
      audit: [{ action: 'workspace.deleted', target_id: team, changes: { name: 'Team' } }],
      events: [{ type: 'workspace.deleted', data: { access: expect.arrayContaining(access) } }],
    })
  })

  test('leaves a personal workspace alone', async ({ stack, owner, remove, on, recorded }) => {
    const [{ id }] = await stack.database.query(
      `SELECT id FROM workspaces WHERE type = 'personal' AND owner_id = $1`,
      [owner.user.id],
    )
    expect((await remove(owner, id)).body).toMatchObject({
      status: 409,
      code: 'personal_workspace',
    })
    expect((await on(owner, `/${id}`)).status).toBe(200)
    expect(await recorded(id)).toEqual(NOTHING)
  })

  test('goes by If-Match, and of two at once one deletes', async ({
    remove,
    owner,
    team,
    recorded,
  }) => {
    expect((await remove(owner, team, ifMatch('"v7"'))).status).toBe(412)
    const answers = await Promise.all([1, 2].map(() => remove(owner, team, ifMatch('"v1"'))))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404])
    expect((await recorded(team)).events).toHaveLength(1)
  })
})
