import { connectStockClient, eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import type { Part } from '../support/cast.ts'
import { recordedDoc } from '../support/documents.ts'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 })
  .extend(
    'onBoard',
    ({ cast }) =>
      (
        part: Part,
        method: string,
        path: string,
        body?: unknown,
        headers?: Record<string, string>,
      ) =>
        cast.call(cast[part], method, `/api/boards/${path}`, body, headers),
  )
  /** A board with a shape on it, by the editor. */
  .extend('drawnBoard', ({ cast, documents }) => async () => {
    const boardId = await cast.newBoard()
    const { doc, updates } = recordedDoc()
    const edit = async (work: (doc: Y.Doc) => unknown, part: Part = 'editor') => {
      work(doc)
      await documents.append(boardId, cast[part].user.id, ...updates.splice(0))
    }
    await edit(() => doc.getMap('shapes').set('box', { x: 1 }))
    return { boardId, doc, edit }
  })
  /** The same, with a version of it. */
  .extend('versionedBoard', ({ drawnBoard, onBoard }) => async () => {
    const board = await drawnBoard()
    const { body } = await onBoard('editor', 'POST', `${board.boardId}/versions`, { name: 'V' })
    return { ...board, versionId: body.id as string }
  })

const shapesOf = (doc: Y.Doc) => doc.getMap('shapes').toJSON()

describe('the history of a board', () => {
  test('tells who changed it when, before and after the updates are merged', async ({
    drawnBoard,
    stack,
    onBoard,
    cast,
    documentServices,
  }) => {
    const { boardId, edit } = await drawnBoard()
    await edit((doc) => doc.getMap('shapes').set('line', 2), 'owner')
    await edit((doc) => doc.getMap('shapes').set('line', 3), 'owner')
    await stack.database.query(
      `UPDATE board_updates SET created_at = ('2026-03-01 10:0' || seq || ':30Z')::timestamptz WHERE board_id = $1`,
      [boardId],
    )
    await edit((doc) => doc.getMap('shapes').set('line', 4))
    await stack.database.query(
      `UPDATE board_updates SET created_at = '2026-03-01 10:07Z' WHERE board_id = $1 AND seq = 4`,
      [boardId],
    )
    const read = async () =>
      (await onBoard('viewer', 'GET', `${boardId}/history`)).body.items.map(
        ({ bytes, ...item }: { bytes: number }) => {
          expect(bytes).toBeGreaterThan(0)
          return item
        },
      )
    const [early, late] = ['2026-03-01T10:00:00.000Z', '2026-03-01T10:05:00.000Z']
    const [owner, editor] = [cast.owner.user.id, cast.editor.user.id]
    const [byOwner, byEditor] = [
      { userId: owner, name: cast.owner.user.name },
      { userId: editor, name: cast.editor.user.name },
    ]
    const at = (time: string) => `2026-03-01T${time}.000Z`
    const ofEarly = [
      {
        startedAt: early,
        lastAt: at('10:01:30'),
        ...byEditor,
        updates: 1,
        firstSeq: 1,
        lastSeq: 1,
      },
      { startedAt: early, lastAt: at('10:03:30'), ...byOwner, updates: 2, firstSeq: 2, lastSeq: 3 },
    ].sort((a, b) => (a.userId < b.userId ? 1 : -1))
    const ofLate = { startedAt: late, lastAt: at('10:07:00'), ...byEditor, updates: 1, firstSeq: 4 }
    const all = [{ ...ofLate, lastSeq: 4 }, ...ofEarly]
    expect(await read()).toEqual(all)
    await documentServices.compactor.compact(boardId)
    expect(await read()).toEqual(all)

    // More of the same five minutes: half of it merged, half of it not.
    await edit((doc) => doc.getMap('shapes').set('line', 5))
    await stack.database.query(
      `UPDATE board_updates SET created_at = '2026-03-01 10:08Z' WHERE board_id = $1`,
      [boardId],
    )
    const more = [{ ...ofLate, lastAt: at('10:08:00'), updates: 2, lastSeq: 5 }, ...ofEarly]
    expect(await read()).toEqual(more)
    await documentServices.compactor.compact(boardId)
    expect(await read()).toEqual(more)

    // As the release before merges it: nothing says when.
    await stack.database.query('UPDATE board_activity SET last_at = NULL WHERE board_id = $1', [
      boardId,
    ])
    expect((await read())[0]).toEqual({ ...more[0], lastAt: at('10:10:00') })

    const pages: unknown[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `?limit=1${cursor && `&cursor=${cursor}`}`
      const { body } = await onBoard('viewer', 'GET', `${boardId}/history${query}`)
      expect(body.items).toHaveLength(1)
      pages.push(...body.items)
      cursor = body.nextCursor
    }
    expect(pages).toMatchObject(more.map(({ lastAt: _, ...item }) => item))

    const { body: theirs } = await onBoard('viewer', 'GET', `${boardId}/history?userId=${owner}`)
    expect(theirs.items).toMatchObject([{ ...byOwner, updates: 2 }])

    // The record outlives an account.
    const deleted = crypto.randomUUID()
    await stack.database.query('UPDATE board_activity SET user_id = $2 WHERE user_id = $1', [
      owner,
      deleted,
    ])
    const { body: left } = await onBoard('viewer', 'GET', `${boardId}/history?userId=${deleted}`)
    expect(left.items).toMatchObject([{ userId: deleted, name: null, updates: 2 }])
  })
})

describe('a version', () => {
  test('keeps the board as it was, and is listed and downloaded', async ({
    drawnBoard,
    onBoard,
    cast,
    documentServices,
    stack,
  }) => {
    const { boardId, edit } = await drawnBoard()
    const created = await onBoard('editor', 'POST', `${boardId}/versions`, { name: ' First ' })
    expect(created).toMatchObject({
      status: 201,
      body: {
        ...{ boardId, name: 'First', kind: 'named', seq: 1 },
        ...{ createdBy: cast.editor.user.id, creatorName: cast.editor.user.name },
      },
    })
    expect(created.headers.get('location')).toBe(
      `/api/boards/${boardId}/versions/${created.body.id}`,
    )
    await edit((doc) => doc.getMap('shapes').clear())
    await documentServices.compactor.compact(boardId)
    const { body: page } = await onBoard('viewer', 'GET', `${boardId}/versions`)
    expect(page).toEqual({ items: [created.body], nextCursor: null })

    const response = await fetch(`${stack.apiUrl}${created.headers.get('location')}`, {
      headers: { authorization: `Bearer ${cast.viewer.accessToken}` },
    })
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, new Uint8Array(await response.arrayBuffer()))
    expect(shapesOf(doc)).toEqual({ box: { x: 1 } })
  })

  test('is made once, however often the request comes', async ({ drawnBoard, onBoard }) => {
    const { boardId } = await drawnBoard()
    const key = { 'idempotency-key': 'once' }
    const make = () => onBoard('editor', 'POST', `${boardId}/versions`, { name: 'One' }, key)
    expect((await make()).body).toEqual((await make()).body)
    expect((await onBoard('editor', 'GET', `${boardId}/versions`)).body.items).toHaveLength(1)
  })

  test('is deleted by an owner; it belongs to its board', async ({ drawnBoard, onBoard, cast }) => {
    const { boardId } = await drawnBoard()
    const other = await drawnBoard()
    const { body } = await onBoard('editor', 'POST', `${boardId}/versions`, { name: 'One' })
    const path = `versions/${body.id}`
    expect((await onBoard('editor', 'DELETE', `${boardId}/${path}`)).status).toBe(403)
    for (const method of ['DELETE', 'GET']) {
      const answer = await onBoard('owner', method, `${other.boardId}/${path}`)
      expect(answer.body).toMatchObject({ status: 404, code: 'version_not_found' })
    }
    expect((await onBoard('owner', 'DELETE', `${boardId}/${path}`)).status).toBe(204)
    expect((await onBoard('owner', 'DELETE', `${boardId}/${path}`)).status).toBe(404)
    expect(await cast.audit(body.id)).toMatchObject([
      { action: 'version.created', changes: { name: 'One' } },
      { action: 'version.deleted', changes: { name: 'One' } },
    ])
  })

  test('past the hundredth is refused', async ({ drawnBoard, stack, cast, onBoard }) => {
    const { boardId } = await drawnBoard()
    await stack.database.query(
      `INSERT INTO board_versions (board_id, name, kind, seq, state, created_by)
       SELECT $1, 'v', 'named', 1, '\\x0000', $2 FROM generate_series(1, 100)`,
      [boardId, cast.editor.user.id],
    )
    expect(await onBoard('editor', 'POST', `${boardId}/versions`, { name: 'More' })).toMatchObject({
      status: 409,
      body: {
        code: 'quota_exceeded',
        details: { quota: 'versions', scope: 'board', limit: 100, used: 101 },
      },
    })
  })
})

describe('restoring a version', () => {
  test('reaches everybody who has the board open, on every gateway, and merges', async ({
    versionedBoard,
    documentServices,
    stack,
    cast,
    onBoard,
  }) => {
    const { boardId, edit, versionId } = await versionedBoard()
    await edit((doc) => {
      doc.getMap('shapes').delete('box')
      doc.getMap('shapes').set('line', { y: 2 })
    })
    await documentServices.compactor.compact(boardId)
    const clients = stack.realtimeUrls.map((realtimeUrl, i) => {
      const { accessToken } = i === 0 ? cast.owner : cast.viewer
      return connectStockClient({ realtimeUrl, boardId, token: accessToken })
    })
    try {
      await Promise.all(clients.map((client) => client.synced()))
      expect(shapesOf(clients[1]!.doc)).toEqual({ line: { y: 2 } })
      // Somebody draws while it is restored.
      clients[0]!.doc.getMap('shapes').set('circle', 3)
      const restored = await onBoard('editor', 'POST', `${boardId}/versions/${versionId}/restore`)
      expect(restored).toMatchObject({ status: 200, body: { changed: true } })
      for (const { doc } of clients) {
        await eventually('the version is there', () => shapesOf(doc).box !== undefined)
        await eventually('nobody lost anything', () => shapesOf(doc).line === undefined)
      }
      expect(shapesOf(clients[0]!.doc)).toEqual(shapesOf(clients[1]!.doc))

      const before: string = restored.body.before.id
      expect(restored.body.before).toMatchObject({ kind: 'automatic', name: null })
      expect(
        (await onBoard('editor', 'POST', `${boardId}/versions/${before}/restore`)).status,
      ).toBe(200)
      for (const { doc } of clients) {
        await eventually('what was before is back', () => shapesOf(doc).line !== undefined)
      }
    } finally {
      for (const client of clients) client.destroy()
    }
    expect((await cast.events(boardId)).map(({ type }) => type)).toContain('board.document_changed')
    const { body } = await onBoard('viewer', 'GET', `${boardId}/versions`)
    expect(body.items.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'automatic',
      'automatic',
      'named',
    ])
  })

  test('changes nothing where the board is as it was', async ({
    versionedBoard,
    onBoard,
    documents,
  }) => {
    const { boardId, versionId } = await versionedBoard()
    const answer = await onBoard('editor', 'POST', `${boardId}/versions/${versionId}/restore`)
    expect(answer.body).toEqual({ seq: 1, changed: false, before: null })
    expect((await documents.stored(boardId)).seq).toBe(1)
  })

  test('is for editors, and of versions that exist', async ({ versionedBoard, onBoard }) => {
    const { boardId, versionId } = await versionedBoard()
    const restore = (part: Part, id: string) =>
      onBoard(part, 'POST', `${boardId}/versions/${id}/restore`)
    expect((await restore('viewer', versionId)).status).toBe(403)
    expect((await restore('stranger', versionId)).status).toBe(404)
    expect((await restore('editor', crypto.randomUUID())).body.code).toBe('version_not_found')
  })

  test('keeps twenty of what was before', async ({ versionedBoard, stack, cast, onBoard }) => {
    const { boardId, edit, versionId } = await versionedBoard()
    await stack.database.query(
      `INSERT INTO board_versions (board_id, kind, seq, state, created_by, created_at)
       SELECT $1, 'automatic', 1, '\\x0000', $2, now() - make_interval(days => n)
       FROM generate_series(1, 25) AS n`,
      [boardId, cast.editor.user.id],
    )
    await edit((doc) => doc.getMap('shapes').clear())
    await onBoard('editor', 'POST', `${boardId}/versions/${versionId}/restore`)
    const [row] = await stack.database.query(
      `SELECT count(*)::int AS count, max(created_at) > now() - interval '1 hour' AS "hasNew"
       FROM board_versions WHERE board_id = $1 AND kind = 'automatic'`,
      [boardId],
    )
    expect(row).toEqual({ count: 20, hasNew: true })
  })
})
