import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { Part } from '../support/cast.ts'
import { test as base } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'
import { readPages } from '../support/pages.ts'

const test = base
  .extend(
    'call',
    ({ cast }) =>
      (part: Part, method: string, path: string, body?: unknown) =>
        cast.call(cast[part], method, path, body),
  )
  .extend(
    'trash',
    ({ call }) =>
      (part: Part, boardId: string) =>
        call(part, 'DELETE', `/api/boards/${boardId}`),
  )
  .extend(
    'restore',
    ({ call }) =>
      (part: Part, boardId: string) =>
        call(part, 'POST', `/api/boards/${boardId}/restore`),
  )
  .extend(
    'destroy',
    ({ call }) =>
      (part: Part, boardId: string) =>
        call(part, 'DELETE', `/api/boards/${boardId}/permanently`),
  )
  .extend(
    'listTrash',
    ({ call, cast }) =>
      (part: Part, query = '') =>
        call(part, 'GET', `/api/workspaces/${cast.workspaceId}/trash${query}`),
  )
  .extend('trashedBoard', ({ cast, trash }) => async (name?: string): Promise<string> => {
    const boardId = await cast.newBoard(name)
    expect((await trash('owner', boardId)).status).toBe(204)
    return boardId
  })
  .extend(
    'typesOf',
    ({ cast }) =>
      async (boardId: string) =>
        (await cast.events(boardId)).map((event) => event.type),
  )

const inTrash = ['board.created', 'board.trashed']
const TRASHED = { status: 404, code: 'board_trashed' }
const NOT_FOUND = { status: 404, code: 'board_not_found' }
const NOT_IN_TRASH = { status: 409, code: 'not_in_trash' }

describe('who may', () => {
  const MAY: [Part, boolean | 'sees nothing'][] = [
    ['workspaceOwner', true],
    ['workspaceMember', false],
    ['owner', true],
    ['editor', false],
    ['commenter', false],
    ['viewer', false],
    ['stranger', 'sees nothing'],
  ]

  test.for(MAY)(
    'trash, restore and delete a board as %s: %s',
    async ([part, may], { cast, trash, restore, call, destroy, typesOf }) => {
      const boardId = await cast.newBoard()
      if (may === true) {
        expect((await trash(part, boardId)).status).toBe(204)
        const restored = await restore(part, boardId)
        expect(restored.status).toBe(200)
        expect(restored.body).toEqual((await call(part, 'GET', `/api/boards/${boardId}`)).body)
        await trash(part, boardId)
        expect((await destroy(part, boardId)).status).toBe(204)
        expect(await typesOf(boardId)).toEqual([
          'board.created',
          'board.trashed',
          'board.restored',
          'board.trashed',
          'board.deleted',
        ])
        return
      }
      const status = may === false ? 403 : 404
      expect((await trash(part, boardId)).status).toBe(status)
      await trash('owner', boardId)
      expect((await restore(part, boardId)).status).toBe(status)
      expect((await destroy(part, boardId)).status).toBe(status)
      expect(await typesOf(boardId)).toEqual(inTrash)
    },
  )

  test('read the trash: the members of the workspace', async ({
    trashedBoard,
    listTrash,
    cast,
  }) => {
    const boardId = await trashedBoard()
    for (const part of ['workspaceOwner', 'workspaceMember'] as const) {
      const { body } = await listTrash(part)
      expect(body.items[0]).toMatchObject({
        id: boardId,
        deletedBy: cast.owner.user.id,
        deletedAt: expect.any(String),
        access: { role: part === 'workspaceOwner' ? 'owner' : 'editor' },
      })
    }
    for (const guest of ['owner', 'viewer', 'stranger'] as const) {
      expect((await listTrash(guest)).body).toMatchObject({ code: 'workspace_not_found' })
    }
  })
})

describe('a board in the trash', () => {
  test.for<[method: string, path: string, body?: object]>([
    ['GET', ''],
    ['PATCH', '', { name: 'x' }],
    ['DELETE', ''],
    ['POST', '/duplicate'],
    ['GET', '/members'],
    ['PUT', '/members/:userId', { role: 'viewer' }],
    ['DELETE', '/members/:userId'],
  ])(
    'answers 404 to %s %s, and says why to its members alone',
    async ([method, path, body], { trashedBoard, cast, call, typesOf }) => {
      const boardId = await trashedBoard()
      for (const part of ['owner', 'viewer'] as const) {
        const sent = `/api/boards/${boardId}${path.replace(':userId', cast[part].user.id)}`
        const details = { name: 'Board', canRestore: part === 'owner' }
        expect((await call(part, method, sent, body)).body).toMatchObject({ ...TRASHED, details })
      }
      const sent = `/api/boards/${boardId}${path.replace(':userId', cast.stranger.user.id)}`
      const { body: answer } = await call('stranger', method, sent, body)
      expect(answer).toMatchObject(NOT_FOUND)
      expect(answer).not.toHaveProperty('details')
      expect(await typesOf(boardId)).toEqual(inTrash)
    },
  )

  test('is as unknown as none to who came by a link', async ({ cast, trash, stack }) => {
    const boardId = await cast.newBoard()
    const { token } = await createLink(stack, boardId, cast.owner)
    const guest = await openAsGuest(stack, token, 'Zoë')
    await trash('owner', boardId)
    const read = async (id: string) => {
      const { body } = await cast.call(guest, 'GET', `/api/boards/${id}`)
      return { ...body, requestId: '' }
    }
    expect(await read(boardId)).toMatchObject(NOT_FOUND)
    expect(await read(boardId)).toEqual(await read(randomUUID()))
  })

  test('is in no list of boards, and back in it when it was restored', async ({
    trashedBoard,
    cast,
    call,
    restore,
  }) => {
    const boardId = await trashedBoard()
    const listed = async () => {
      const path = `/api/workspaces/${cast.workspaceId}/boards?limit=100`
      const { body } = await call('workspaceMember', 'GET', path)
      return body.items.some((board: { id: string }) => board.id === boardId)
    }
    expect(await listed()).toBe(false)
    await restore('owner', boardId)
    expect(await listed()).toBe(true)
  })

  test('gives nobody access, and each step raises the access version', async ({
    trashedBoard,
    cast,
    stack,
    restore,
    trash,
    destroy,
    typesOf,
  }) => {
    const boardId = await trashedBoard()
    const permission = async () => {
      const path = `/internal/boards/${boardId}/permission?userId=${cast.owner.user.id}`
      const authorization = `Internal-Secret ${stack.internalSecret}`
      return (await fetch(stack.apiUrl + path, { headers: { authorization } })).json()
    }
    expect(await permission()).toEqual({ role: null, version: 2, canBroadcast: false })
    await restore('owner', boardId)
    expect(await permission()).toEqual({ role: 'owner', version: 3, canBroadcast: true })
    await trash('owner', boardId)
    await destroy('owner', boardId)
    const raised = (await cast.events(boardId)).slice(1).map((event) => event.access)
    expect(raised).toEqual([2, 3, 4, 5].map((version) => [{ boardId, version }]))
    expect((await cast.audit(boardId)).map((entry) => entry.action)).toEqual(await typesOf(boardId))
  })
})

describe('a board outside the trash', () => {
  test('is neither restored nor deleted permanently', async ({
    cast,
    restore,
    destroy,
    typesOf,
  }) => {
    const boardId = await cast.newBoard()
    expect((await restore('owner', boardId)).body).toMatchObject(NOT_IN_TRASH)
    expect((await destroy('owner', boardId)).body).toMatchObject(NOT_IN_TRASH)
    expect(await typesOf(boardId)).toEqual(['board.created'])
  })
})

describe('a board that was deleted permanently', () => {
  test('is gone with all that hung on it', async ({
    trashedBoard,
    destroy,
    restore,
    trash,
    stack,
  }) => {
    const boardId = await trashedBoard()
    await destroy('owner', boardId)
    for (const step of [restore, destroy, trash]) {
      expect((await step('owner', boardId)).body).toMatchObject(NOT_FOUND)
    }
    for (const table of ['board_members', 'board_documents', 'board_updates', 'board_invites']) {
      const rows = await stack.database.query(`SELECT FROM ${table} WHERE board_id = $1`, [boardId])
      expect(rows, table).toHaveLength(0)
    }
  })
})

describe('races', () => {
  const statuses = async (answers: Promise<{ status: number }>[]) =>
    (await Promise.all(answers)).map((answer) => answer.status).sort()

  test('one of several trashes, restores or deletes; the others learn that it is done', async ({
    cast,
    trash,
    restore,
    destroy,
    typesOf,
  }) => {
    const boardId = await cast.newBoard()
    const eight = <Answer>(step: () => Answer) => Array.from({ length: 8 }, step)
    expect(await statuses(eight(() => trash('owner', boardId)))).toEqual([
      204,
      ...Array(7).fill(404),
    ])
    expect(await statuses(eight(() => restore('owner', boardId)))).toEqual([
      200,
      ...Array(7).fill(409),
    ])
    await trash('owner', boardId)
    expect(await statuses(eight(() => destroy('owner', boardId)))).toEqual([
      204,
      ...Array(7).fill(404),
    ])
    expect(await typesOf(boardId)).toHaveLength(5)
  })

  test('of restoring and deleting, one happens', async ({ trashedBoard, restore, destroy }) => {
    for (let i = 0; i < 8; i++) {
      const boardId = await trashedBoard()
      const [restored, deleted] = await Promise.all([
        restore('owner', boardId),
        destroy('owner', boardId),
      ])
      expect([
        [200, 409],
        [404, 204],
      ]).toContainEqual([restored.status, deleted.status])
    }
  })
})

describe('the trash', () => {
  test('is listed by deletion, newest first, page by page, each once', async ({
    stack,
    trashedBoard,
    listTrash,
  }) => {
    await stack.database.query('DELETE FROM boards WHERE deleted_at IS NOT NULL')
    const boardIds: string[] = []
    for (let i = 0; i < 7; i++) boardIds.push(await trashedBoard(`B${i}`))
    // Three went in the same millisecond.
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = ANY($1)', [
      boardIds.slice(4),
    ])
    const seen: { id: string; deletedAt: string }[] = await readPages((cursor) =>
      listTrash('workspaceMember', `?limit=2${cursor}`),
    )
    expect(seen.map((board) => board.id).sort()).toEqual([...boardIds].sort())
    const times = seen.map((board) => board.deletedAt)
    expect(times).toEqual(times.toSorted().reverse())
  })

  test('takes no other parameters', async ({ listTrash }) => {
    expect((await listTrash('workspaceMember', '?sort=name')).status).toBe(400)
    expect((await listTrash('workspaceMember', '?cursor=x')).body.code).toBe('invalid_cursor')
  })

  test('of a deleted workspace is gone for everybody', async ({
    call,
    trash,
    stack,
    restore,
    destroy,
  }) => {
    const { body } = await call('owner', 'POST', '/api/workspaces', { name: 'Short-lived' })
    const board = await call('owner', 'POST', `/api/workspaces/${body.id}/boards`, { name: 'B' })
    await trash('owner', board.body.id)
    await stack.database.query('UPDATE workspaces SET deleted_at = now() WHERE id = $1', [body.id])
    expect((await restore('owner', board.body.id)).body).toMatchObject(NOT_FOUND)
    expect((await destroy('owner', board.body.id)).body).toMatchObject(NOT_FOUND)
    expect((await call('owner', 'GET', `/api/workspaces/${body.id}/trash`)).status).toBe(404)
  })
})
