import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { test as base } from '../support/asset-fixtures.ts'
import { filePath, newPicture, upload } from '../support/files.ts'
import { addMember } from '../support/people.ts'

const test = base
  .extend(
    'duplicate',
    ({ as, ada }) =>
      async (boardId: string, workspaceId?: string): Promise<string> => {
        const body = { ...(workspaceId !== undefined && { workspaceId }) }
        const { status, body: board } = await as(ada, `/api/boards/${boardId}/duplicate`, { body })
        expect(status).toBe(201)
        return board.id
      },
  )
  .extend('deleteBoard', ({ as, ada }) => async (boardId: string) => {
    await as(ada, `/api/boards/${boardId}`, { method: 'DELETE' })
    const path = `/api/boards/${boardId}/permanently`
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
  })
  .extend('newWorkspace', ({ as, ada }) => async (): Promise<string> => {
    return (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body.id
  })
  .extend('newBoardIn', ({ as, ada }) => async (workspaceId: string): Promise<string> => {
    const path = `/api/workspaces/${workspaceId}/boards`
    return (await as(ada, path, { body: { name: 'Board' } })).body.id
  })
  /** How many bytes of files count for a workspace. */
  .extend('usedBy', ({ stack }) => async (workspaceId: string): Promise<number> => {
    const text = 'SELECT coalesce(sum(bytes), 0)::int AS used FROM assets WHERE workspace_id = $1'
    return (await stack.database.query(text, [workspaceId]))[0].used
  })
  .extend(
    'importNaming',
    ({ stack }) =>
      async (who: { accessToken: string }, boardId: string, digests: string[]) => {
        const doc = new Y.Doc()
        doc.getArray('pictures').push(digests)
        const response = await fetch(`${stack.apiUrl}/api/boards/${boardId}/import`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${who.accessToken}`,
            'content-type': 'application/octet-stream',
          },
          body: Y.encodeStateAsUpdate(doc),
        })
        expect(response.status).toBe(200)
      },
  )

describe('a copy of a board', () => {
  test('has its files, for as long as it names them itself', async ({
    keeper,
    add,
    boardId,
    pen,
    duplicate,
    deleteBoard,
    ada,
    stack,
  }) => {
    const [named, unnamed] = [newPicture(), newPicture()]
    await add(boardId, named)
    await add(boardId, unnamed)
    await pen(boardId).draw('a', named.digest)
    const copyId = await duplicate(boardId)
    expect(await keeper.on(copyId)).toEqual([named.digest, unnamed.digest].sort())
    await deleteBoard(boardId)
    expect(await keeper.review()).toBe(0)
    const response = await fetch(`${stack.apiUrl}${filePath(copyId, named)}`, {
      headers: { authorization: `Bearer ${ada.accessToken}` },
    })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(named.bytes)
    await keeper.pass(31)
    expect(await keeper.scan()).toBe(1)
    expect(await keeper.review()).toBe(1)
    expect(await keeper.on(copyId)).toEqual([named.digest])
    expect(await keeper.rows()).toEqual(await keeper.bytes())
  })

  test('in another workspace counts for the first as long as that has it', async ({
    keeper,
    newWorkspace,
    newBoardIn,
    add,
    duplicate,
    deleteBoard,
    usedBy,
  }) => {
    const [from, to] = [await newWorkspace(), await newWorkspace()]
    const boardId = await newBoardIn(from)
    const file = newPicture(5_000)
    await add(boardId, file)
    const copyId = await duplicate(boardId, to)
    expect([await usedBy(from), await usedBy(to)]).toEqual([5_000, 0])
    await deleteBoard(boardId)
    expect(await keeper.review()).toBe(0)
    expect([await usedBy(from), await usedBy(to)]).toEqual([0, 5_000])
    await deleteBoard(copyId)
    expect(await keeper.review()).toBe(1)
    expect(await keeper.bytes()).toEqual([])
  })

  test('in a workspace that has the same bytes shares them once the first lets go', async ({
    keeper,
    newWorkspace,
    newBoardIn,
    add,
    duplicate,
    deleteBoard,
    usedBy,
  }) => {
    const [from, to] = [await newWorkspace(), await newWorkspace()]
    const [boardId, other] = [await newBoardIn(from), await newBoardIn(to)]
    const file = newPicture(5_000)
    await add(boardId, file)
    await add(other, file)
    const copyId = await duplicate(boardId, to)
    await deleteBoard(boardId)
    await keeper.review()
    expect(await keeper.rows()).toHaveLength(1)
    expect(await keeper.rows()).toEqual(await keeper.bytes())
    expect([await usedBy(from), await usedBy(to)]).toEqual([0, 5_000])
    await deleteBoard(other)
    expect(await keeper.review()).toBe(0)
    expect(await keeper.on(copyId)).toEqual([file.digest])
  })
})

test('a board that moves takes along what counts for its files', async ({
  as,
  administrator,
  keeper,
  newWorkspace,
  newBoardIn,
  add,
  usedBy,
}) => {
  const [from, to] = [await newWorkspace(), await newWorkspace()]
  const [moved, stays, there] = [
    await newBoardIn(from),
    await newBoardIn(from),
    await newBoardIn(to),
  ]
  const [alone, shared, known] = [newPicture(1_000), newPicture(2_000), newPicture(4_000)]
  for (const file of [alone, shared, known]) await add(moved, file)
  await add(stays, shared)
  await add(there, known)
  const path = `/api/admin/boards/${moved}/move`
  const body = { workspaceId: to, reason: 'sold' }
  expect((await as(administrator, path, { body })).status).toBe(204)
  expect([await usedBy(from), await usedBy(to)]).toEqual([6_000, 5_000])
  await keeper.review()
  expect([await usedBy(from), await usedBy(to)]).toEqual([2_000, 5_000])
  expect(await keeper.on(moved)).toHaveLength(3)
  expect(await keeper.rows()).toEqual(await keeper.bytes())
})

describe('an import', () => {
  test('brings the files that it names and that the importer may read nearby', async ({
    keeper,
    newBoardIn,
    newWorkspace,
    add,
    ada,
    importNaming,
    as,
  }) => {
    const [near, far] = [await newWorkspace(), await newWorkspace()]
    const [source, target, elsewhere] = [
      await newBoardIn(near),
      await newBoardIn(near),
      await newBoardIn(far),
    ]
    const [file, other, away] = [await add(source), await add(source), await add(elsewhere)]
    await importNaming(ada, target, [file, away, 'f'.repeat(64)])
    expect(await keeper.on(target)).toEqual([file])
    expect(other).not.toBe(file)
    const trashed = await newBoardIn(near)
    const gone = await add(trashed)
    await as(ada, `/api/boards/${trashed}`, { method: 'DELETE' })
    await importNaming(ada, target, [gone])
    expect(await keeper.on(target)).toEqual([file])
  })

  test('brings none of boards that the importer may not read', async ({
    keeper,
    newBoard,
    add,
    alan,
    person,
    stack,
    importNaming,
  }) => {
    const [source, target] = [await newBoard(), await newBoard()]
    const eve = await person('eve')
    await addMember(stack, target, eve, 'editor')
    const digest = await add(source)
    await importNaming(eve, target, [digest])
    expect(await keeper.on(target)).toEqual([])
    // Alan is an editor of both.
    await importNaming(alan, target, [digest])
    expect(await keeper.on(target)).toEqual([digest])
  })
})

test('a copy that is made while the file is taken off the board has it or not, and never half', async ({
  keeper,
  add,
  boardId,
  duplicate,
  as,
  ada,
  stack,
}) => {
  for (let round = 0; round < 10; round++) {
    const file = newPicture()
    await add(boardId, file)
    const [copyId] = await Promise.all([
      duplicate(boardId),
      as(ada, filePath(boardId, file), { method: 'DELETE' }).then(() => keeper.review()),
      upload(stack, ada, boardId, newPicture()),
    ])
    await keeper.review()
    const has = (await keeper.on(copyId)).includes(file.digest)
    expect((await keeper.rows()).some((row) => row.endsWith(file.digest))).toBe(has)
    expect(await keeper.rows()).toEqual(await keeper.bytes())
  }
})
