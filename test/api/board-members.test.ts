import { BOARD_ROLES, type BoardRole } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import type { Part } from '../support/cast.ts'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'

const pathOf = (boardId: string, who: SignedIn | string) =>
  `/api/boards/${boardId}/members/${typeof who === 'string' ? who : who.user.id}`
const test = base
  .extend(
    'put',
    ({ cast }) =>
      (part: Part, boardId: string, who: SignedIn | string, role: BoardRole) =>
        cast.call(cast[part], 'PUT', pathOf(boardId, who), { role }),
  )
  .extend(
    'remove',
    ({ cast }) =>
      (part: Part, boardId: string, who: SignedIn | string) =>
        cast.call(cast[part], 'DELETE', pathOf(boardId, who)),
  )
  .extend(
    'list',
    ({ cast }) =>
      (part: Part, boardId: string, query = '') =>
        cast.call(cast[part], 'GET', `/api/boards/${boardId}/members${query}`),
  )
  .extend('roles', ({ list }) => async (boardId: string): Promise<Record<string, BoardRole>> => {
    const { body } = await list('workspaceOwner', boardId, '?limit=100')
    return Object.fromEntries(
      body.items.map((member: { userId: string; role: string }) => [member.userId, member.role]),
    )
  })
  /** What was recorded of a board's members. */
  .extend(
    'memberEvents',
    ({ cast }) =>
      async (boardId: string) =>
        (await cast.events(boardId)).slice(1),
  )
  /** A board whose only direct owner is the guest. */
  .extend('boardOfOneOwner', ({ cast, remove }) => async (): Promise<string> => {
    const boardId = await cast.newBoard()
    expect((await remove('workspaceOwner', boardId, cast.workspaceOwner)).status).toBe(204)
    return boardId
  })

describe('the members of a board', () => {
  test('are those with a role of their own, in the order they joined', async ({ cast, list }) => {
    const boardId = await cast.newBoard()
    const { body } = await list('viewer', boardId)
    expect(body.nextCursor).toBeNull()
    expect(body.items).toHaveLength(5)
    expect(body.items[0]).toEqual({
      userId: cast.workspaceOwner.user.id,
      email: null,
      name: cast.workspaceOwner.user.name,
      avatarUrl: null,
      role: 'owner',
      invitedBy: null,
      joinedAt: expect.any(String),
    })
  })

  test.for([
    ['workspaceOwner', true],
    ['owner', true],
    ['workspaceMember', false],
    ['editor', false],
    ['commenter', false],
    ['viewer', false],
  ] as const)('are shown with emails to %s: %s', async ([part, withEmails], { list, cast }) => {
    const { body } = await list(part, await cast.newBoard())
    const emails = body.items.map((member: { email: string | null }) => member.email)
    if (withEmails) expect(emails).toContain('viewer@example.com')
    else expect(emails).toEqual(Array(5).fill(null))
  })

  test('are nothing to a stranger', async ({ cast, list, put, remove }) => {
    const boardId = await cast.newBoard()
    const notFound = { status: 404, code: 'board_not_found' }
    expect((await list('stranger', boardId)).body).toMatchObject(notFound)
    expect((await put('stranger', boardId, cast.stranger, 'owner')).body).toMatchObject(notFound)
    expect((await remove('stranger', boardId, cast.viewer)).body).toMatchObject(notFound)
  })

  test('come page by page, each once, also when they joined at the same time', async ({
    cast,
    stack,
    list,
    roles,
  }) => {
    const boardId = await cast.newBoard()
    await stack.database.query('UPDATE board_members SET joined_at = now() WHERE board_id = $1', [
      boardId,
    ])
    const members = await readPages((cursor) => list('viewer', boardId, `?limit=1${cursor}`))
    const seen = members.map(({ userId }) => userId)
    expect(seen).toEqual(Object.keys(await roles(boardId)))
    expect(seen).toHaveLength(5)
    expect((await list('viewer', boardId, '?cursor=x')).body.code).toBe('invalid_cursor')
    expect((await list('viewer', boardId, '?q=x')).status).toBe(400)
  })
})

describe('giving a role', () => {
  test.for([
    ['workspaceOwner', 201],
    ['owner', 201],
    ['workspaceMember', 403],
    ['editor', 403],
    ['commenter', 403],
    ['viewer', 403],
    ['stranger', 404],
  ] as const)('as %s answers %i', async ([part, status], { cast, put, memberEvents }) => {
    const boardId = await cast.newBoard()
    expect((await put(part, boardId, cast.workspaceMember, 'viewer')).status).toBe(status)
    if (status === 201) expect(await memberEvents(boardId)).toHaveLength(1)
    else expect(await memberEvents(boardId)).toEqual([])
  })

  test('adds, then changes, then does nothing; each is recorded', async ({
    cast,
    put,
    remove,
    memberEvents,
  }) => {
    const boardId = await cast.newBoard()
    const userId = cast.workspaceMember.user.id
    const added = await put('owner', boardId, userId, 'viewer')
    expect(added.status).toBe(201)
    expect(added.body).toEqual({
      userId,
      email: 'workspacemember@example.com',
      name: cast.workspaceMember.user.name,
      avatarUrl: null,
      role: 'viewer',
      invitedBy: cast.owner.user.id,
      joinedAt: expect.any(String),
    })
    const changed = await put('workspaceOwner', boardId, userId, 'owner')
    expect(changed.status).toBe(200)
    expect(changed.body).toEqual({ ...added.body, role: 'owner' })
    expect((await put('owner', boardId, userId, 'owner')).body).toEqual(changed.body)
    expect((await remove('owner', boardId, userId)).status).toBe(204)

    expect(await memberEvents(boardId)).toEqual([
      { type: 'board.member_added', userId, access: [{ boardId, version: 2 }] },
      { type: 'board.member_updated', userId, access: [{ boardId, version: 3 }] },
      { type: 'board.member_removed', userId, access: [{ boardId, version: 4 }] },
    ])
    expect((await cast.audit(userId)).slice(-3)).toEqual([
      {
        action: 'board.member_added',
        actorId: cast.owner.user.id,
        changes: { role: 'viewer' },
      },
      {
        action: 'board.member_updated',
        actorId: cast.workspaceOwner.user.id,
        changes: { role: 'owner', formerRole: 'viewer' },
      },
      {
        action: 'board.member_removed',
        actorId: cast.owner.user.id,
        changes: { formerRole: 'owner' },
      },
    ])
  })

  test('is at once what the member may do', async ({ cast, put, remove }) => {
    const boardId = await cast.newBoard()
    const role = async () =>
      (await cast.call(cast.viewer, 'GET', `/api/boards/${boardId}`)).body.access?.role
    await put('owner', boardId, cast.viewer, 'editor')
    expect(await role()).toBe('editor')
    await remove('owner', boardId, cast.viewer)
    expect(await role()).toBeUndefined()
  })

  test('says the same of a stranger and of nobody', async ({ cast, put, memberEvents }) => {
    const boardId = await cast.newBoard()
    const answers = [
      await put('owner', boardId, cast.stranger, 'viewer'),
      await put('owner', boardId, crypto.randomUUID(), 'viewer'),
    ]
    for (const { body } of answers) {
      expect(body).toMatchObject({ status: 404, code: 'user_not_found' })
    }
    expect(await memberEvents(boardId)).toEqual([])
  })

  test.for([
    [{ role: 'admin' }, '/role'],
    [{}, '/role'],
    [{ role: 'viewer', until: 'tomorrow' }, '/until'],
  ])('refuses %o', async ([body, pointer], { cast }) => {
    const path = pathOf(await cast.newBoard(), cast.viewer)
    const answer = await cast.call(cast.owner, 'PUT', path, body)
    expect(answer.body).toMatchObject({ status: 400 })
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})

describe('removing a member', () => {
  test.for([
    ['workspaceOwner', 204],
    ['owner', 204],
    ['workspaceMember', 403],
    ['editor', 403],
    ['commenter', 403],
    ['stranger', 404],
  ] as const)('as %s answers %i', async ([part, status], { cast, remove, roles }) => {
    const boardId = await cast.newBoard()
    expect((await remove(part, boardId, cast.viewer)).status).toBe(status)
    expect(Object.keys(await roles(boardId))).toHaveLength(status === 204 ? 4 : 5)
  })

  test('is open to everybody for themselves', async ({ cast, remove, list }) => {
    for (const part of BOARD_ROLES) {
      const boardId = await cast.newBoard()
      expect((await remove(part, boardId, cast[part])).status).toBe(204)
      expect((await list(part, boardId)).status).toBe(404)
    }
  })

  test('who is none of the board’s own is a 404', async ({ cast, remove, memberEvents }) => {
    const boardId = await cast.newBoard()
    const notFound = { status: 404, code: 'member_not_found' }
    expect((await remove('owner', boardId, cast.stranger)).body).toMatchObject(notFound)
    expect((await remove('owner', boardId, cast.workspaceMember)).body).toMatchObject(notFound)
    const leaving = await remove('workspaceMember', boardId, cast.workspaceMember)
    expect(leaving.body).toMatchObject(notFound)
    expect(await memberEvents(boardId)).toEqual([])
  })

  test('takes the invites along that they made', async ({ cast, stack, put, remove }) => {
    const boardId = await cast.newBoard()
    const isOpen = async (who: SignedIn) => {
      const [row] = await stack.database.query(
        'SELECT revoked_at IS NULL AS open FROM board_invites WHERE board_id = $1 AND created_by = $2',
        [boardId, who.user.id],
      )
      return row.open
    }
    for (const who of [cast.editor, cast.owner]) {
      await stack.database.query(
        `INSERT INTO board_invites (board_id, token, role, expires_at, created_by)
         VALUES ($1, $2, 'editor', now() + interval '1 day', $3)`,
        [boardId, crypto.randomUUID(), who.user.id],
      )
    }
    await put('workspaceOwner', boardId, cast.owner, 'editor')
    expect(await isOpen(cast.owner)).toBe(true)
    await put('workspaceOwner', boardId, cast.owner, 'viewer')
    await remove('workspaceOwner', boardId, cast.editor)
    expect([await isOpen(cast.owner), await isOpen(cast.editor)]).toEqual([false, false])
  })
})

describe('the owners of a board', () => {
  test('leave, are removed and given a lesser role, the only one too: the workspace has owners', async ({
    boardOfOneOwner,
    cast,
    remove,
    put,
    roles,
  }) => {
    for (const part of ['owner', 'workspaceOwner'] as const) {
      const left = await boardOfOneOwner()
      expect((await remove(part, left, cast.owner)).status).toBe(204)
      expect(await roles(left)).not.toHaveProperty(cast.owner.user.id)

      const lowered = await boardOfOneOwner()
      expect((await put(part, lowered, cast.owner, 'viewer')).status).toBe(200)
      expect((await roles(lowered))[cast.owner.user.id]).toBe('viewer')
      expect((await put('workspaceOwner', lowered, cast.owner, 'owner')).status).toBe(200)
    }
  })

  test('who demote each other at once leave one of them', async ({
    boardOfOneOwner,
    put,
    cast,
  }) => {
    for (let round = 0; round < 5; round++) {
      const boardId = await boardOfOneOwner()
      await put('workspaceOwner', boardId, cast.editor, 'owner')
      const answers = await Promise.all([
        put('owner', boardId, cast.editor, 'viewer'),
        put('editor', boardId, cast.owner, 'viewer'),
      ])
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 403])
    }
  })
})
