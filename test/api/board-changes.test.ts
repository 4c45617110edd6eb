import { openDatabase } from '@mindfuse/api'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import type { Part } from '../support/cast.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend(
    'patch',
    ({ cast }) =>
      (part: Part, boardId: string, body: unknown, headers?: Record<string, string>) =>
        cast.call(cast[part], 'PATCH', `/api/boards/${boardId}`, body, headers),
  )
  .extend(
    'get',
    ({ cast }) =>
      (part: Part, boardId: string, headers?: Record<string, string>) =>
        cast.call(cast[part], 'GET', `/api/boards/${boardId}`, undefined, headers),
  )

describe('changing a board', () => {
  test.for([
    ['workspaceOwner', 200],
    ['workspaceMember', 200],
    ['owner', 200],
    ['editor', 200],
    ['commenter', 403],
    ['viewer', 403],
    ['stranger', 404],
  ] as const)('as %s answers %i', async ([part, status], { cast, patch, get }) => {
    const boardId = await cast.newBoard('Before')
    expect((await patch(part, boardId, { name: 'After' })).status).toBe(status)
    const { body } = await get('owner', boardId)
    expect(body.name).toBe(status === 200 ? 'After' : 'Before')
    const types = (await cast.events(boardId)).map((event) => event.type)
    expect(types).toEqual(['board.created', ...(status === 200 ? ['board.updated'] : [])])
  })

  test('sets what is named and leaves the rest, and is recorded', async ({ cast, patch }) => {
    const boardId = await cast.newBoard('Before')
    const thumbnailUrl = 'https://img.example/1.png'
    const pictured = await patch('editor', boardId, { thumbnailUrl })
    expect(pictured.body).toMatchObject({ name: 'Before', thumbnailUrl })
    const renamed = await patch('editor', boardId, { name: '  After ' })
    expect(renamed.body).toMatchObject({ name: 'After', thumbnailUrl })
    expect(renamed.body.updatedAt > renamed.body.createdAt).toBe(true)
    expect((await patch('editor', boardId, { thumbnailUrl: null })).body.thumbnailUrl).toBeNull()

    const actorId = cast.editor.user.id
    expect((await cast.audit(boardId)).slice(1)).toEqual(
      [{ thumbnailUrl }, { name: 'After', formerName: 'Before' }, { thumbnailUrl: null }].map(
        (changes) => ({ action: 'board.updated', actorId, changes }),
      ),
    )
  })

  test.for([
    ['nothing', {}, ''],
    ['an unknown field', { name: 'x', color: 'red' }, '/color'],
    ['an empty name', { name: ' ' }, '/name'],
    ['no name', { name: null }, '/name'],
    ['a name that is too long', { name: 'x'.repeat(256) }, '/name'],
    ['a script for a picture', { thumbnailUrl: 'javascript:alert(1)' }, '/thumbnailUrl'],
    ['a page for a picture', { thumbnailUrl: 'data:text/html,x' }, '/thumbnailUrl'],
    [
      'a picture that is too long',
      { thumbnailUrl: `https://${'x'.repeat(2041)}` },
      '/thumbnailUrl',
    ],
  ])('to %s is a 400', async ([_, body, pointer], { cast, patch }) => {
    const boardId = await cast.newBoard()
    const answer = await patch('owner', boardId, body)
    expect(answer.body).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(answer.body.errors[0].pointer).toBe(pointer)
    expect(await cast.events(boardId)).toHaveLength(1)
  })
})

describe('versions', () => {
  test('are the ETag of a new board, of a read one and of a changed one', async ({
    cast,
    get,
    patch,
  }) => {
    const path = `/api/workspaces/${cast.workspaceId}/boards`
    const created = await cast.call(cast.workspaceMember, 'POST', path, { name: 'New' })
    const { id } = created.body
    const etag = created.headers.get('etag')
    expect(etag).toMatch(/^"v\d+-[\w-]{12}"$/)
    expect((await get('workspaceMember', id)).headers.get('etag')).toBe(etag)
    const changed = await patch('workspaceMember', id, { name: 'Newer' })
    expect(changed.headers.get('etag')).not.toBe(etag)
    expect((await get('workspaceMember', id)).headers.get('etag')).toBe(changed.headers.get('etag'))
  })

  test('save a reader what they have, until the board or their access is another', async ({
    cast,
    get,
    patch,
  }) => {
    const boardId = await cast.newBoard()
    const etag = async () => (await get('editor', boardId)).headers.get('etag') ?? ''
    const first = await etag()
    const unchanged = await get('editor', boardId, { 'if-none-match': `"v0", ${first}` })
    expect(unchanged).toMatchObject({ status: 304, body: '' })

    await patch('owner', boardId, { name: 'After' })
    const second = await etag()
    expect((await get('editor', boardId, { 'if-none-match': first })).body.name).toBe('After')

    const path = `/api/boards/${boardId}/members/${cast.editor.user.id}`
    await cast.call(cast.owner, 'PUT', path, { role: 'viewer' })
    const demoted = await get('editor', boardId, { 'if-none-match': second })
    expect(demoted.body.access.role).toBe('viewer')
  })

  test('let through a change of what was read, and no other', async ({ cast, get, patch }) => {
    const boardId = await cast.newBoard('Before')
    const etag = (await get('editor', boardId)).headers.get('etag') ?? ''
    expect((await patch('editor', boardId, { name: 'First' }, { 'if-match': etag })).status).toBe(
      200,
    )
    for (const stale of [etag, '"v999"', '"no-tag-of-ours"']) {
      const refused = await patch('owner', boardId, { name: 'Second' }, { 'if-match': stale })
      expect(refused.body).toMatchObject({ status: 412, code: 'version_mismatch' })
    }
    const trashed = await cast.call(cast.owner, 'DELETE', `/api/boards/${boardId}`, undefined, {
      'if-match': etag,
    })
    expect(trashed.status).toBe(412)
    expect((await get('owner', boardId)).body.name).toBe('First')
    expect(await cast.events(boardId)).toHaveLength(2)
    expect((await patch('owner', boardId, { name: 'Second' }, { 'if-match': '*' })).status).toBe(
      200,
    )
  })

  test('let one of several that read the same change it', async ({ cast, get, patch }) => {
    const boardId = await cast.newBoard()
    const headers = { 'if-match': (await get('editor', boardId)).headers.get('etag') ?? '' }
    const names = Array.from({ length: 8 }, (_, i) => `Name ${i}`)
    const answers = await Promise.all(
      names.map((name) => patch('editor', boardId, { name }, headers)),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(412)])
    expect(await cast.events(boardId)).toHaveLength(2)
  })
})

describe('a board that is drawn on', () => {
  const updateTest = test
    .extend('age', ({ stack }) => (boardId: string, interval: string) => {
      const text = 'UPDATE boards SET updated_at = now() - $2::interval WHERE id = $1'
      return stack.database.query(text, [boardId, interval])
    })
    /** Makes a board that was last updated some time ago. */
    .extend('older', ({ cast, age }) => async (name: string) => {
      const boardId = await cast.newBoard(name)
      await age(boardId, '1 hour')
      return boardId
    })
    .extend('draw', ({ cast, documents }) => (boardId: string) => {
      return documents.append(boardId, cast.editor.user.id, new Uint8Array([0, 0]))
    })
    .extend('updatedAt', ({ get }) => async (boardId: string) => {
      return Date.parse((await get('editor', boardId)).body.updatedAt)
    })
    /** Resolves once what was drawn on before is updated, if it is at all. */
    .extend('settled', ({ older, draw, updatedAt }) => async () => {
      const fence = await older('Fence')
      const before = await updatedAt(fence)
      await draw(fence)
      await expect.poll(() => updatedAt(fence)).toBeGreaterThan(before)
    })

  updateTest(
    'STORE-22: is updated, once a minute, and first in the list',
    async ({ cast, get, patch, draw, older, age, updatedAt, settled }) => {
      const [still, drawn] = [await older('Still lake'), await older('Drawn lake')]
      const before = await Promise.all([updatedAt(still), updatedAt(drawn)])
      const read = await get('editor', drawn)
      await draw(drawn)
      await settled()
      const after = await get('editor', drawn)
      const updated = Date.parse(after.body.updatedAt)
      expect(updated).toBeGreaterThan(before[1])
      expect(await updatedAt(still)).toBe(before[0])
      expect({ ...after.body, updatedAt: '' }).toEqual({ ...read.body, updatedAt: '' })
      expect(after.headers.get('etag')).not.toBe(read.headers.get('etag'))

      await draw(drawn)
      await settled()
      expect(await updatedAt(drawn)).toBe(updated)
      await age(drawn, '61 seconds')
      await draw(drawn)
      await settled()
      expect(await updatedAt(drawn)).toBeGreaterThan(updated)

      await age(drawn, '61 seconds')
      await age(still, '62 seconds')
      const path = `/api/workspaces/${cast.workspaceId}/boards?q=lake`
      const { body } = await cast.call(cast.workspaceMember, 'GET', path)
      const ids = body.items.map(({ id }: { id: string }) => id)
      expect(ids.indexOf(drawn)).toBe(ids.indexOf(still) - 1)
      // Nothing that its reader could overwrite has changed.
      const etag = read.headers.get('etag') ?? ''
      expect((await patch('editor', drawn, { name: 'New' }, { 'if-match': etag })).status).toBe(200)
    },
  )

  updateTest(
    'STORE-22: is stored at once while its row is locked, and updated later',
    async ({ draw, older, updatedAt, settled, stack, atEnd }) => {
      const boardId = await older('Locked')
      const before = await updatedAt(boardId)
      const pool = openDatabase({ url: stack.database.url, poolSize: 2, onError: () => undefined })
      atEnd(() => pool.close())
      await pool.db.transaction().execute(async (tx) => {
        await sql`SELECT FROM boards WHERE id = ${boardId} FOR UPDATE`.execute(tx)
        expect(await draw(boardId)).toBe(1)
        await settled()
        expect(await updatedAt(boardId)).toBe(before)
      })
      expect(await draw(boardId)).toBe(2)
      await settled()
      expect(await updatedAt(boardId)).toBeGreaterThan(before)
    },
  )

  updateTest('is updated with an import too', async ({ cast, stack, older, updatedAt }) => {
    const boardId = await older('Imported')
    const before = await updatedAt(boardId)
    const doc = new Y.Doc()
    doc.getMap('shapes').set('a', 1)
    const imported = await fetch(`${stack.apiUrl}/api/boards/${boardId}/import`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cast.editor.accessToken}`,
        'content-type': 'application/octet-stream',
      },
      body: Y.encodeStateAsUpdate(doc),
    })
    expect(imported.status).toBe(200)
    expect(await updatedAt(boardId)).toBeGreaterThan(before)
  })
})
