import { once } from 'node:events'
import { connect } from 'node:net'
import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  escapes,
  eventually,
  itemsInRow,
  manyObjects,
  poison,
  scatteredClients,
  valuesOfKey,
  weakLink,
} from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import {
  MAX_DOWNLOADS_PER_PERSON,
  MAX_UPLOADS_PER_PERSON,
} from '../../apps/api/src/http/transfer-limit.ts'
import type { Part } from '../support/cast.ts'
import { startDocumentServices } from '../support/document-services.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend(
    'fetchAs',
    ({ stack, cast }) =>
      (part: Part, path: string, init: RequestInit = {}) =>
        fetch(`${stack.apiUrl}/api/boards/${path}`, {
          ...init,
          headers: { authorization: `Bearer ${cast[part].accessToken}`, ...init.headers },
        }),
  )
  .extend('importAs', ({ fetchAs }) => async (part: Part, boardId: string, update: Uint8Array) => {
    const response = await fetchAs(part, `${boardId}/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: update,
    })
    return { status: response.status, body: (await response.json()) as any }
  })
  .extend('details', ({ cast }) => async (boardId: string) => {
    const { body } = await cast.call(cast.viewer, 'GET', `/api/boards/${boardId}/document`)
    return body
  })
  /** A board of a person who wants nothing but to export it. */
  .extend('bystander', ({ cast, documents, fetchAs }) => async () => {
    const boardId = await cast.newBoard()
    const doc = new Y.Doc()
    doc.getMap('shapes').set('a', 1)
    await documents.append(boardId, cast.owner.user.id, Y.encodeStateAsUpdate(doc))
    return async () => {
      const from = performance.now()
      const response = await fetchAs('owner', `${boardId}/export?format=json`)
      expect(await response.json()).toEqual({ shapes: { a: 1 } })
      return performance.now() - from
    }
  })

describe('an export as JSON', () => {
  test('of text that is six times as long in JSON arrives as a whole', async ({
    cast,
    importAs,
    fetchAs,
  }) => {
    const boardId = await cast.newBoard()
    const length = 4_000_000
    expect(await importAs('editor', boardId, escapes(length))).toMatchObject({ status: 200 })
    const response = await fetchAs('viewer', `${boardId}/export?format=json`)
    expect(response.status).toBe(200)
    const expected = '{"text":""}'.length + 6 * length
    expect(response.headers.get('content-length')).toBe(`${expected}`)
    expect((await response.arrayBuffer()).byteLength).toBe(expected)
  })

  test('of maps nested deeper than the stack arrives as a whole', async ({
    cast,
    documents,
    fetchAs,
  }) => {
    const boardId = await cast.newBoard()
    await documents.append(boardId, cast.editor.user.id, poison(4_000).nested)
    const response = await fetchAs('viewer', `${boardId}/export?format=json`)
    expect(await response.text()).toBe(`{"shapes":${'{"a":'.repeat(4_000)}{}${'}'.repeat(4_000)}}`)
  })
})

test.for<[what: string, update: () => Uint8Array, status: number, code: string]>([
  ['nested too deep', () => poison(1_000).nested, 422, 'update_too_complex'],
  ['of too many parts', () => manyObjects(2_100_000), 422, 'update_too_complex'],
  ['of 60,000 values of a key', () => valuesOfKey(7, 60_000), 422, 'update_too_complex'],
  ['that is a snapshot', () => snapshotOf('text'), 422, 'malformed_update'],
  ['with a weak link', weakLink, 422, 'unsupported_content'],
])(
  'an import %s is refused, and nothing of it is stored',
  async ([_, update, status, code], { cast, documents, importAs }) => {
    const boardId = await cast.newBoard()
    expect(await importAs('editor', boardId, update())).toMatchObject({ status, body: { code } })
    expect((await documents.stored(boardId)).seq).toBe(0)
  },
)

test('imports together are bounded like one', async ({ cast, importAs }) => {
  const boardId = await cast.newBoard()
  expect(await importAs('editor', boardId, manyObjects(1_200_000))).toMatchObject({ status: 200 })
  expect(await importAs('editor', boardId, manyObjects(1_200_000))).toMatchObject({
    status: 413,
    body: { code: 'board_full' },
  })
})

describe('a document that takes too much memory to build', () => {
  test('is refused and remembered, with nothing of it merged again, and others go on', async ({
    cast,
    documents,
    fetchAs,
    details,
    bystander,
    stack,
  }) => {
    const boardId = await cast.newBoard()
    const exportBystander = await bystander()
    // Each is within the limits; together they are not.
    for (let client = 1; client <= 4; client++) {
      await documents.append(boardId, cast.editor.user.id, itemsInRow('maps', client, 1_500_000))
    }
    const exporting = fetchAs('viewer', `${boardId}/export`)
    while ((await Promise.race([exporting, exportBystander()])) instanceof Response === false) {
      // Exports of the bystander succeed all the while.
    }
    const response = await exporting
    // On a machine that is busy, the time that it may take ends first.
    const { code } = (await response.json()) as { code: string }
    expect(code).toMatch(/^document_(too_large|too_costly)$/)
    const { buildFailure } = await details(boardId)
    expect(`document_${buildFailure}`).toBe(code)

    const from = performance.now()
    const again = await fetchAs('viewer', `${boardId}/export?format=json`)
    expect(await again.json()).toMatchObject({ code })
    // Far less than to build it.
    expect(performance.now() - from).toBeLessThan(5_000)
    await documents.append(boardId, cast.editor.user.id, itemsInRow('maps', 5, 1))
    const queued = await stack.database.query('SELECT FROM compaction_queue WHERE board_id = $1', [
      boardId,
    ])
    expect(queued).toEqual([])
  })
})

describe('a document that takes too long to build', () => {
  test('is refused with 422 and remembered until a version is restored', async ({
    cast,
    documents,
    details,
    fetchAs,
    stack,
    atEnd,
  }) => {
    const boardId = await cast.newBoard()
    const doc = new Y.Doc()
    doc.getText('text').insert(0, 'as it was')
    await documents.append(boardId, cast.editor.user.id, Y.encodeStateAsUpdate(doc))
    const version = await cast.call(cast.owner, 'POST', `/api/boards/${boardId}/versions`, {
      name: 'v',
    })
    await documents.append(boardId, cast.editor.user.id, scatteredClients(6_000))
    const impatient = startDocumentServices(stack.database.url, { workerTimeLimitMs: 2_000 })
    atEnd(() => impatient.close())
    // On a machine so busy that the worker computed little, it is tried again: here, and at once.
    await eventually('the merge is given up', async () => {
      await stack.database.query('DELETE FROM compaction_queue WHERE board_id = $1', [boardId])
      await expect(impatient.compactor.compact(boardId)).rejects.toThrow()
      return (await details(boardId)).buildFailure !== null
    })
    expect(await details(boardId)).toMatchObject({ buildFailure: 'too_costly' })
    const response = await fetchAs('viewer', `${boardId}/export`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'document_too_costly' })

    const restored = await cast.call(
      cast.owner,
      'POST',
      `/api/boards/${boardId}/versions/${version.body.id}/restore`,
    )
    expect(restored).toMatchObject({ status: 200, body: { changed: true } })
    expect(await details(boardId)).toMatchObject({ buildFailure: null })
    expect((await documents.open(boardId)).getText('text').toString()).toBe('as it was')
  })
})

test('a board that makes Yjs throw opens again once a version is restored', async ({
  cast,
  documents,
  details,
  clients,
}) => {
  const boardId = await cast.newBoard()
  const drawn = new Y.Doc()
  drawn.getMap('shapes').set('before', 'valuable')
  await documents.append(boardId, cast.editor.user.id, Y.encodeStateAsUpdate(drawn))
  const version = await cast.call(cast.owner, 'POST', `/api/boards/${boardId}/versions`, {
    name: 'v',
  })
  const { nested, deleted } = poison(4_000)
  await documents.append(boardId, cast.editor.user.id, nested, deleted)
  await expect(documents.open(boardId)).rejects.toThrow()
  const before = await clients.raw(0, cast.editor, boardId)

  const path = `/api/boards/${boardId}/versions/${version.body.id}/restore`
  expect(await cast.call(cast.owner, 'POST', path)).toMatchObject({
    status: 200,
    body: { changed: true },
  })
  expect((await documents.open(boardId)).getMap('shapes').toJSON()).toEqual({ before: 'valuable' })
  // The gateway that had it open does not bring it back.
  await eventually('its connections are closed', () => before.closed !== undefined)
  expect(before.closed?.code).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
  const after = clients.stock(0, cast.editor, boardId)
  await eventually('the board opens', () => after.provider.synced)
  expect(after.doc.getMap('shapes').toJSON()).toEqual({ before: 'valuable' })
  // All that was stored is kept.
  expect((await details(boardId)).quarantined).toBeGreaterThanOrEqual(3)
})

test('a person has so many downloads at a time, whether they read them or not', async ({
  cast,
  importAs,
  fetchAs,
  bystander,
}) => {
  const boardId = await cast.newBoard()
  await importAs('editor', boardId, escapes(4_000_000))
  const path = `${boardId}/export?format=json`
  const answers = await Promise.all(
    Array.from({ length: MAX_DOWNLOADS_PER_PERSON + 1 }, () => fetchAs('viewer', path)),
  )
  const unread = answers.filter(({ status }) => status === 200)
  expect(unread).toHaveLength(MAX_DOWNLOADS_PER_PERSON)
  const [refused] = answers.filter(({ status }) => status === 429) as [Response]
  expect(refused.headers.get('retry-after')).toMatch(/^[0-9]+$/)
  expect(await refused.json()).toMatchObject({ code: 'too_many_downloads' })
  await (await bystander())()

  for (const { body } of unread) await body?.cancel()
  await eventually('there is a place again', async () => {
    const response = await fetchAs('viewer', `${boardId}/export`)
    await response.arrayBuffer()
    return response.status === 200
  })
})

/** A snapshot of Yjs: which clocks and deletes a document has, and nothing of its content. */
function snapshotOf(text: string): Uint8Array {
  const doc = new Y.Doc({ gc: false })
  doc.getText('text').insert(0, text)
  doc.getText('text').delete(0, 1)
  return Y.encodeSnapshot(Y.snapshot(doc))
}

test('imports whose senders leave at their end leave nothing in the spool', async ({
  stack,
  cast,
}) => {
  const boardId = await cast.newBoard()
  const { hostname, port } = new URL(stack.apiUrl)
  const body = Buffer.alloc(4 * 1024 * 1024, 1)
  for (let i = 0; i < 20; i++) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    const head = [
      `POST /api/boards/${boardId}/import HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${cast.editor.accessToken}`,
      'Content-Type: application/octet-stream',
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    socket.write(body, () => socket.destroySoon())
    await once(socket, 'close')
  }
  const spooled = async () =>
    (await (await fetch(`${stack.apiUrl}/metrics`)).text()).includes('\ndocument_spool_bytes 0\n')
  await eventually('nothing is spooled', spooled)
})

test('imports that are not sent to their end are limited in number', async ({ stack, cast }) => {
  const boardId = await cast.newBoard()
  const { hostname, port } = new URL(stack.apiUrl)
  const head = [
    `POST /api/boards/${boardId}/import HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${cast.owner.accessToken}`,
    'Content-Type: application/octet-stream',
    'Content-Length: 1000',
  ]
  const sockets = Array.from({ length: MAX_UPLOADS_PER_PERSON + 1 }, () => {
    const socket = connect(Number(port), hostname)
    socket.write(`${head.join('\r\n')}\r\n\r\nbegin`)
    return socket
  })
  const answers = sockets.map(async (socket) => String((await once(socket, 'data'))[0]))
  const answer = await Promise.race(answers)
  expect(answer).toContain('HTTP/1.1 429')
  expect(answer).toContain('too_many_uploads')
  for (const socket of sockets) socket.on('error', () => undefined).destroy()
})
