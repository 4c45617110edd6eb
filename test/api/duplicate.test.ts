import { openDatabase } from '@mindfuse/api'
import { describe, expect } from 'vitest'
import type { Part } from '../support/cast.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend(
    'duplicate',
    ({ cast }) =>
      (part: Part, boardId: string, body?: unknown, headers?: Record<string, string>) =>
        cast.call(cast[part], 'POST', `/api/boards/${boardId}/duplicate`, body, headers),
  )
  .extend(
    'append',
    ({ documents, cast }) =>
      async (boardId: string, ...values: number[]): Promise<void> => {
        await documents.append(
          boardId,
          cast.editor.user.id,
          ...values.map((value) => Uint8Array.of(value)),
        )
      },
  )
  .extend('personalWorkspace', ({ cast }) => async (part: Part): Promise<string> => {
    return (await cast.call(cast[part], 'GET', '/api/workspaces')).body.items.at(-1).id
  })

test('takes its turn among document work: many copies of one person delay nobody else’s', async ({
  cast,
  stack,
  duplicate,
  personalWorkspace,
}) => {
  const boardId = await cast.newBoard()
  const workspaceId = await personalWorkspace('stranger')
  const path = `/api/workspaces/${workspaceId}/boards`
  const theirs = (await cast.call(cast.stranger, 'POST', path, { name: 'Theirs' })).body.id
  const { db, close } = openDatabase({
    url: stack.database.url,
    poolSize: 1,
    onError: () => undefined,
  })
  // As if the document was so large that its copy takes long.
  const copies = await db.transaction().execute(async (tx) => {
    await tx
      .selectFrom('board_documents')
      .select('seq')
      .where('board_id', '=', boardId)
      .forUpdate()
      .execute()
    const begun = Array.from({ length: 20 }, () => duplicate('workspaceMember', boardId))
    const refused = await Promise.race(begun)
    expect(refused.body).toMatchObject({ status: 429, code: 'too_many_document_jobs' })
    expect((await duplicate('stranger', theirs)).status).toBe(201)
    return begun
  })
  const statuses = (await Promise.all(copies)).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([201, 429]))
  await close()
})

describe('duplicating a board', () => {
  test.for([
    ['workspaceOwner', 201],
    ['workspaceMember', 201],
    ['owner', 403],
    ['editor', 403],
    ['commenter', 403],
    ['viewer', 403],
    ['stranger', 404],
  ] as const)(
    'within its workspace as %s answers %i',
    async ([part, status], { cast, duplicate }) => {
      const boardId = await cast.newBoard()
      expect((await duplicate(part, boardId)).status).toBe(status)
    },
  )

  test.for([
    ['workspaceMember', 201],
    ['owner', 201],
    ['editor', 201],
    ['commenter', 403],
    ['viewer', 403],
    ['stranger', 404],
  ] as const)(
    'into the own workspace as %s answers %i',
    async ([part, status], { cast, personalWorkspace, duplicate }) => {
      const boardId = await cast.newBoard()
      const workspaceId = await personalWorkspace(part)
      const answer = await duplicate(part, boardId, { workspaceId })
      expect(answer.status).toBe(status)
      if (status === 201) expect(answer.body.workspaceId).toBe(workspaceId)
    },
  )

  test('into a workspace that one is not in is a 404, like into none', async ({
    cast,
    personalWorkspace,
    duplicate,
  }) => {
    const boardId = await cast.newBoard()
    for (const workspaceId of [await personalWorkspace('stranger'), crypto.randomUUID()]) {
      const answer = await duplicate('workspaceMember', boardId, { workspaceId })
      expect(answer.body).toMatchObject({ status: 404, code: 'workspace_not_found' })
    }
    const known = await duplicate('editor', boardId, { workspaceId: cast.workspaceId })
    expect(known.status).toBe(403)
  })

  test('makes the caller the only member, as owner, and leaves the source alone', async ({
    cast,
    duplicate,
  }) => {
    const boardId = await cast.newBoard('Plan')
    const thumbnailUrl = 'https://img.example/1.png'
    await cast.call(cast.editor, 'PATCH', `/api/boards/${boardId}`, { thumbnailUrl })
    const before = (await cast.call(cast.owner, 'GET', `/api/boards/${boardId}`)).body
    const copy = await duplicate('workspaceMember', boardId)
    const path = `/api/boards/${copy.body.id}`
    expect(copy.headers.get('location')).toBe(path)
    expect(copy.headers.get('etag')).toMatch(/^"v1-[\w-]+"$/)
    expect(copy.body).toMatchObject({
      workspaceId: cast.workspaceId,
      name: 'Plan (copy)',
      thumbnailUrl,
      createdBy: cast.workspaceMember.user.id,
      access: { role: 'owner' },
    })
    const members = await cast.call(cast.workspaceMember, 'GET', `${path}/members`)
    expect(members.body.items).toMatchObject([
      { userId: cast.workspaceMember.user.id, role: 'owner' },
    ])
    expect((await cast.call(cast.viewer, 'GET', path)).status).toBe(404)
    expect((await cast.call(cast.owner, 'GET', `/api/boards/${boardId}`)).body).toEqual(before)
    expect(await cast.audit(copy.body.id)).toMatchObject([
      { action: 'board.created', changes: { name: 'Plan (copy)', duplicateOf: boardId } },
    ])
    expect(await cast.events(copy.body.id)).toMatchObject([{ type: 'board.created' }])
  })

  test('takes a name, and cuts its own to what a name may have', async ({ cast, duplicate }) => {
    const boardId = await cast.newBoard('🎨'.repeat(255))
    expect((await duplicate('workspaceMember', boardId, { name: ' B ' })).body.name).toBe('B')
    const { name } = (await duplicate('workspaceMember', boardId)).body
    expect(name).toBe('🎨'.repeat(255))
    const shorter = await cast.newBoard('x'.repeat(252))
    const cut = (await duplicate('workspaceMember', shorter)).body.name
    expect(cut).toBe(`${'x'.repeat(252)} (c`)
  })

  test.for([
    [{ name: 5 }, '/name'],
    [{ workspaceId: 'mine' }, '/workspaceId'],
    [{ role: 'owner' }, '/role'],
  ])('refuses %o', async ([body, pointer], { duplicate, cast }) => {
    const answer = await duplicate('workspaceMember', await cast.newBoard(), body)
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] })
  })

  test('makes one copy for one Idempotency-Key', async ({ cast, duplicate }) => {
    const boardId = await cast.newBoard()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await duplicate('workspaceMember', boardId, {}, headers)
    const second = await duplicate('workspaceMember', boardId, {}, headers)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(await cast.events(first.body.id)).toHaveLength(1)
  })
})

describe('the document of a copy', () => {
  test('is the source’s: snapshot, tail and numbers; then each goes its own way', async ({
    cast,
    append,
    stack,
    duplicate,
    documents,
  }) => {
    const boardId = await cast.newBoard()
    await append(boardId, 1, 2, 3)
    await stack.database.query(
      `UPDATE board_documents SET snapshot = '\\x0102', snapshot_seq = 2 WHERE board_id = $1`,
      [boardId],
    )
    await stack.database.query('DELETE FROM board_updates WHERE board_id = $1 AND seq <= 2', [
      boardId,
    ])
    const { body: copy } = await duplicate('workspaceMember', boardId)
    const document = await documents.stored(boardId)
    expect(document).toMatchObject({ seq: 3, snapshot: Uint8Array.of(1, 2) })
    expect(document.updates).toHaveLength(1)
    expect(await documents.stored(copy.id)).toEqual(document)

    await append(copy.id, 9)
    expect((await documents.stored(copy.id)).seq).toBe(4)
    expect(await documents.stored(boardId)).toEqual(document)
  })

  test('of an empty board is empty', async ({ duplicate, cast, documents }) => {
    const { body: copy } = await duplicate('workspaceMember', await cast.newBoard())
    expect(await documents.stored(copy.id)).toEqual({
      seq: 0,
      snapshot: null,
      updates: [],
      seqs: [],
    })
  })

  test('is whole while the source is written to', async ({
    cast,
    append,
    duplicate,
    documents,
  }) => {
    const boardId = await cast.newBoard()
    const writing = (async () => {
      for (let i = 0; i < 60; i++) await append(boardId, i, i)
    })()
    const copies = await Promise.all(
      // As many as one person may have queued.
      Array.from({ length: 8 }, () => duplicate('workspaceMember', boardId)),
    )
    await writing
    const source = await documents.stored(boardId)
    expect(source.seq).toBe(120)
    for (const { body } of copies) {
      const copy = await documents.stored(body.id)
      expect(copy.updates).toEqual(source.updates.slice(0, copy.seq))
      expect(copy.updates).toHaveLength(copy.seq)
    }
  })
})
