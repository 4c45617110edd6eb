import { eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import type { Part } from '../support/cast.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend('fetchAs', ({ stack, cast }) => (part: Part, path: string, init: RequestInit = {}) => {
    return fetch(`${stack.apiUrl}/api/boards/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${cast[part].accessToken}`, ...init.headers },
    })
  })
  .extend(
    'importAs',
    ({ fetchAs }) =>
      async (
        part: Part,
        boardId: string,
        update: Uint8Array,
        headers: Record<string, string> = {},
      ) => {
        const response = await fetchAs(part, `${boardId}/import`, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream', ...headers },
          body: update,
        })
        return { status: response.status, body: (await response.json()) as any }
      },
  )

function sample(): Y.Doc {
  const doc = new Y.Doc()
  doc.getMap<unknown>('shapes').set('box', new Y.Map<unknown>([['x', 1]]))
  doc.getMap<unknown>('shapes').set('big', 1_234_567_890_123_456_789n)
  doc.getMap<unknown>('shapes').set('bytes', Uint8Array.of(1, 2, 3))
  doc.getArray('order').push(['box', null, true])
  doc.getText('title').insert(0, 'Plan', { bold: true })
  const paragraph = new Y.XmlElement('p')
  paragraph.insert(0, [new Y.XmlText('hello')])
  doc.getXmlFragment('page').push([paragraph])
  return doc
}

const SAMPLE_JSON = {
  order: ['box', null, true],
  page: '<p>hello</p>',
  shapes: { big: '1234567890123456789', box: { x: 1 }, bytes: 'AQID' },
  title: 'Plan',
}

describe('an export', () => {
  test('is the document as a Yjs update, or as JSON on request', async ({
    cast,
    documents,
    fetchAs,
  }) => {
    const boardId = await cast.newBoard()
    await documents.append(boardId, cast.editor.user.id, Y.encodeStateAsUpdate(sample()))
    const binary = await fetchAs('viewer', `${boardId}/export`)
    expect(binary.headers.get('content-type')).toBe('application/octet-stream')
    expect(binary.headers.get('content-disposition')).toBe(`attachment; filename="${boardId}.yjs"`)
    const doc = new Y.Doc()
    Y.applyUpdate(doc, new Uint8Array(await binary.arrayBuffer()))
    expect(doc.getText('title').toDelta()).toEqual(sample().getText('title').toDelta())

    const accept = { accept: 'application/json' }
    for (const answer of [
      await fetchAs('viewer', `${boardId}/export?format=json`),
      await fetchAs('viewer', `${boardId}/export`, { headers: accept }),
    ]) {
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await answer.json()).toEqual(SAMPLE_JSON)
    }
    const named = await fetchAs('viewer', `${boardId}/export?format=update`, { headers: accept })
    expect(named.headers.get('content-type')).toBe('application/octet-stream')
  })

  test('of an empty board is empty, and a stranger gets none', async ({ cast, fetchAs }) => {
    const boardId = await cast.newBoard()
    const json = await fetchAs('viewer', `${boardId}/export?format=json`)
    expect(await json.json()).toEqual({})
    expect((await fetchAs('stranger', `${boardId}/export`)).status).toBe(404)
  })
})

describe('an import', () => {
  test('is one edit of the user who imports, on another board or the same', async ({
    cast,
    importAs,
    fetchAs,
  }) => {
    const boardId = await cast.newBoard()
    const update = Y.encodeStateAsUpdate(sample())
    expect(await importAs('editor', boardId, update)).toEqual({
      status: 200,
      body: { seq: 1, changed: true },
    })
    expect(await importAs('owner', boardId, update)).toEqual({
      status: 200,
      body: { seq: 1, changed: false },
    })
    const json = await fetchAs('viewer', `${boardId}/export?format=json`)
    expect(await json.json()).toEqual(SAMPLE_JSON)
    const history = await cast.call(cast.viewer, 'GET', `/api/boards/${boardId}/history`)
    expect(history.body.items).toMatchObject([{ userId: cast.editor.user.id, updates: 1 }])
    expect((await cast.audit(boardId)).at(-1)).toMatchObject({
      action: 'board.document_changed',
      actorId: cast.editor.user.id,
      changes: { importedBytes: update.length, seq: 1 },
    })
  })

  test('merges with what is there, and stores only what is new', async ({
    cast,
    importAs,
    documents,
  }) => {
    const boardId = await cast.newBoard()
    const doc = sample()
    await importAs('editor', boardId, Y.encodeStateAsUpdate(doc))
    const known = Y.encodeStateVector(doc)
    doc.getArray('order').push(['line'])
    expect(await importAs('editor', boardId, Y.encodeStateAsUpdate(doc))).toMatchObject({
      body: { seq: 2, changed: true },
    })
    const { updates } = await documents.stored(boardId, 1)
    expect(updates[0]!.length).toBeLessThanOrEqual(Y.encodeStateAsUpdate(doc, known).length)
    const opened = await documents.open(boardId)
    expect(opened.getArray('order').toJSON()).toEqual(['box', null, true, 'line'])
  })

  test('is done once, however often the request comes', async ({ cast, importAs }) => {
    const boardId = await cast.newBoard()
    const key = { 'idempotency-key': 'once' }
    const update = Y.encodeStateAsUpdate(sample())
    const first = await importAs('editor', boardId, update, key)
    expect(await importAs('editor', boardId, update, key)).toEqual(first)
    const other = await importAs('editor', boardId, Y.encodeStateAsUpdate(sample()), key)
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
  })

  const whole = Y.encodeStateAsUpdate(sample())
  const later = (() => {
    const doc = sample()
    const known = Y.encodeStateVector(doc)
    doc.getText('title').insert(4, 's')
    return Y.encodeStateAsUpdate(doc, known)
  })()

  test.for<[what: string, bytes: Uint8Array]>([
    ['random bytes', Uint8Array.of(0xde, 0xad, 0xbe, 0xef)],
    ['an update cut short', whole.subarray(0, whole.length - 1)],
    ['bytes after the update', Uint8Array.of(...whole, 0)],
    ['an update that refers to what it does not hold', later],
  ])('of %s is a 422 and stores nothing', async ([_, bytes], { cast, importAs, documents }) => {
    const boardId = await cast.newBoard()
    const { body } = await importAs('editor', boardId, bytes)
    expect(body).toMatchObject({ status: 422, code: 'malformed_update' })
    expect((await documents.stored(boardId)).seq).toBe(0)
  })

  test('is for editors, of bytes, within the limits', async ({ cast, importAs, stack }) => {
    const boardId = await cast.newBoard()
    expect((await importAs('viewer', boardId, whole)).status).toBe(403)
    expect((await importAs('stranger', boardId, whole)).status).toBe(404)
    const json = { 'content-type': 'application/json' }
    const asJson = await importAs('editor', boardId, new TextEncoder().encode('{}'), json)
    expect(asJson.body.code).toBe('unsupported_media_type')
    const large = await importAs('editor', boardId, new Uint8Array(16 * 1024 * 1024 + 1))
    expect(large.status).toBe(413)
    await stack.database.query(
      'UPDATE board_documents SET tail_bytes = 64 * 1024 * 1024 WHERE board_id = $1',
      [boardId],
    )
    const full = await importAs('editor', boardId, whole)
    expect(full.body).toMatchObject({ status: 413, code: 'board_full' })
  })
})

test('the metrics count what was appended and merged', async ({ cast, documents, stack }) => {
  const boardId = await cast.newBoard()
  const updates = Array.from({ length: 500 }, () => Y.encodeStateAsUpdate(new Y.Doc()))
  await documents.append(boardId, cast.editor.user.id, ...updates)
  const metrics = async () => (await fetch(`${stack.apiUrl}/metrics`)).text()
  await eventually('the compaction is counted', async () =>
    /^document_compactions_total\{outcome="compacted"\} [1-9]/m.test(await metrics()),
  )
  const text = await metrics()
  expect(text).toMatch(/^document_append_updates_bucket\{le="500"\} [1-9]/m)
  expect(text).toMatch(/^document_compaction_queue_boards\{state="waiting"\} \d/m)
})
