import { encodeVarUints } from '@mindfuse/protocol'
import { createBoard } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { recordedDoc } from '../support/documents.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend(
    'details',
    ({ stack, ada }) =>
      async (boardId: string) =>
        (
          await fetch(`${stack.apiUrl}/api/boards/${boardId}/document`, {
            headers: { authorization: `Bearer ${ada.accessToken}` },
          })
        ).json(),
  )
  .extend(
    'quarantined',
    ({ stack }) =>
      (boardId: string) =>
        stack.database.query(
          `SELECT seq::int, kind, user_id AS "userId", update, reason FROM quarantined_updates
     WHERE board_id = $1 ORDER BY seq`,
          [boardId],
        ),
  )
  .extend('report', ({ documents }) => async (boardId: string, body: object) => {
    const response = await documents.internal(`/boards/${boardId}/quarantine`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as any }
  })
  /** A board on which somebody wrote, with something that cannot be applied in the middle. */
  .extend('spoiltBoard', ({ stack, ada, documents }) => async (bad: Uint8Array) => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 10; i++) doc.getText('text').insert(i, `${i}`)
    await documents.append(boardId, ada.user.id, ...updates.slice(0, 5), bad, ...updates.slice(5))
    return { boardId, text: doc.getText('text').toString() }
  })
  .extend(
    'textOf',
    ({ documents }) =>
      async (boardId: string, without: number[] = []): Promise<string> => {
        const { snapshot, updates, seqs } = await documents.stored(boardId)
        const doc = new Y.Doc()
        if (snapshot) Y.applyUpdate(doc, snapshot)
        updates.forEach((update, i) => {
          if (!without.includes(seqs[i]!)) Y.applyUpdate(doc, update)
        })
        return doc.getText('text').toString()
      },
  )
  .extend('api', ({ stack, ada }) => async (method: string, path: string, body?: object) => {
    const response = await fetch(`${stack.apiUrl}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ada.accessToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as any }
  })
  .extend(
    'damagedBoard',
    ({ spoiltBoard, api, documentServices, documents, ada, stack }) =>
      async () => {
        const { boardId, text } = await spoiltBoard(Uint8Array.of(0, 0))
        const version = await api('POST', `/boards/${boardId}/versions`, { name: 'Whole' })
        await documentServices.compactor.compact(boardId)
        const doc = await documents.open(boardId)
        const { updates } = recordedDoc()
        doc.on('update', (update) => updates.push(update))
        doc.getText('text').insert(0, 'later ')
        await documents.append(boardId, ada.user.id, ...updates)
        await stack.database.query(
          `UPDATE board_documents SET snapshot = '\\xdeadbeef' WHERE board_id = $1`,
          [boardId],
        )
        return { boardId, text, versionId: version.body.id as string }
      },
  )

const whole = (() => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'a long enough text to be cut')
  return Y.encodeStateAsUpdate(doc)
})()

/**
 * An update that reads, and on which Yjs runs out of stack: it makes lists inside of one another, and
 * deletes the outermost.
 */
function updateThatOverflows(): Uint8Array {
  const doc = new Y.Doc()
  doc.transact(() => {
    let list = doc.getArray<Y.Array<unknown>>('lists')
    for (let depth = 0; depth < 50_000; depth++) {
      list.insert(0, [new Y.Array()])
      list = list.get(0) as typeof list
    }
  })
  const withoutDeletes = Y.encodeStateAsUpdate(doc).subarray(0, -1)
  const deletes = encodeVarUints([1, doc.clientID, 1, 0, 1])
  return Buffer.concat([withoutDeletes, deletes])
}

/** They read, and Yjs throws on the second: its beginning was collected as garbage before (see `overlaps`). */
const OVERLAPPING = [
  Uint8Array.of(1, 1, 5, 0, 0, 3, 0),
  Uint8Array.of(1, 1, 5, 0, 4, 1, 1, 0x74, 5, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0),
]

describe('a stored update that cannot be applied', () => {
  test.for<[what: string, bytes: Uint8Array]>([
    ['random bytes', Uint8Array.of(0xde, 0xad, 0xbe, 0xef)],
    ['nothing at all', new Uint8Array()],
    ['an update cut short', whole.subarray(0, whole.length - 5)],
  ])(
    'as %s goes into quarantine when the board is compacted',
    async ([_, bad], { spoiltBoard, documentServices, textOf, quarantined, ada, details }) => {
      const { boardId, text } = await spoiltBoard(bad)
      expect(await documentServices.compactor.compact(boardId)).toBe('compacted')
      expect(await textOf(boardId)).toBe(text)
      expect(await quarantined(boardId)).toEqual([
        {
          seq: 6,
          kind: 'update',
          userId: ada.user.id,
          update: Buffer.from(bad),
          reason: expect.stringMatching(/^cannot be read: ./),
        },
      ])
      expect(await details(boardId)).toMatchObject({
        seq: 11,
        updates: 0,
        quarantined: 1,
        isDamaged: false,
      })
    },
  )

  test('because Yjs throws on it goes there too, the rest is merged, and what waits goes on waiting', async ({
    spoiltBoard,
    documents,
    ada,
    documentServices,
    quarantined,
  }) => {
    const { boardId, text } = await spoiltBoard(updateThatOverflows())
    const { doc, updates } = recordedDoc()
    for (const key of ['a', 'b']) doc.getMap('map').set(key, 1)
    await documents.append(boardId, ada.user.id, updates[1]!)
    expect(await documentServices.compactor.compact(boardId)).toBe('compacted')
    expect(await quarantined(boardId)).toMatchObject([
      { seq: 6, kind: 'update', reason: expect.stringMatching(/^cannot be applied: ./) },
    ])
    expect((await documents.stored(boardId)).updates).toHaveLength(1)
    await documents.append(boardId, ada.user.id, updates[0]!)
    const whole = await documents.open(boardId)
    expect(whole.getText('text').toString()).toBe(text)
    expect(whole.getMap('map').toJSON()).toEqual({ a: 1, b: 1 })
  })

  test('of which a part was stored before, and collected, is cut and merged, as gateways do it', async ({
    spoiltBoard,
    documents,
    ada,
    documentServices,
    quarantined,
    textOf,
  }) => {
    const { boardId, text } = await spoiltBoard(OVERLAPPING[0]!)
    await documents.append(boardId, ada.user.id, OVERLAPPING[1]!)
    expect(await documentServices.compactor.compact(boardId)).toBe('compacted')
    expect(await quarantined(boardId)).toEqual([])
    expect(await textOf(boardId)).toBe(text)
    const { snapshot } = await documents.stored(boardId)
    expect(Y.decodeStateVector(Y.encodeStateVectorFromUpdate(snapshot!)).get(5)).toBe(5)
  })

  test('goes there when a gateway reports it, and its number is left out', async ({
    spoiltBoard,
    textOf,
    report,
    documents,
    documentServices,
    stack,
  }) => {
    const { boardId, text } = await spoiltBoard(Uint8Array.of(0xff))
    expect(await textOf(boardId, [6])).toBe(text)
    expect(await report(boardId, { seqs: [6] })).toEqual({
      status: 200,
      body: { seqs: [6], snapshot: false },
    })
    expect((await documents.stored(boardId)).seqs).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11])
    expect(await textOf(boardId)).toBe(text)
    expect(await report(boardId, { seqs: [6] })).toMatchObject({ body: { seqs: [] } })
    expect(await documentServices.compactor.compact(boardId)).toBe('compacted')
    expect(await textOf(boardId)).toBe(text)
    const [row] = await stack.database.query(
      'SELECT tail_bytes::int AS bytes FROM board_documents WHERE board_id = $1',
      [boardId],
    )
    expect(row).toEqual({ bytes: 0 })
  })
})

describe('a report', () => {
  test('of what can be read moves nothing', async ({ spoiltBoard, report, documents }) => {
    const { boardId } = await spoiltBoard(Uint8Array.of(0xff))
    const body = { seqs: [1, 2, 3, 99, 7, 7], snapshot: true }
    expect(await report(boardId, body)).toEqual({
      status: 200,
      body: { seqs: [], snapshot: false },
    })
    expect((await documents.stored(boardId)).updates).toHaveLength(11)
  })

  test('of a board that is none is a 404, and one that is malformed a 400', async ({
    spoiltBoard,
    report,
  }) => {
    const { boardId } = await spoiltBoard(Uint8Array.of(0xff))
    expect(await report(crypto.randomUUID(), { seqs: [1] })).toMatchObject({ status: 404 })
    for (const body of [{}, { seqs: [0] }, { seqs: ['1'] }, { seqs: [1], other: 1 }]) {
      expect(await report(boardId, body)).toMatchObject({ status: 400 })
    }
  })
})

describe('a snapshot that cannot be read', () => {
  test.for(['a gateway reports it', 'the board is compacted'])(
    'keeps the board from opening once %s, with its bytes kept',
    async (how, {
      damagedBoard,
      report,
      documentServices,
      documents,
      quarantined,
      details,
      ada,
      stack,
    }) => {
      const { boardId } = await damagedBoard()
      if (how === 'a gateway reports it') {
        expect(await report(boardId, { seqs: [], snapshot: true })).toMatchObject({
          body: { snapshot: true },
        })
      } else {
        await expect(documentServices.compactor.compact(boardId)).rejects.toMatchObject({
          code: 'document_damaged',
        })
      }
      await expect(documents.stored(boardId)).rejects.toThrow(/^503 .*document_damaged/)
      expect(await quarantined(boardId)).toMatchObject([
        { seq: 11, kind: 'snapshot', update: Buffer.from('deadbeef', 'hex') },
      ])
      expect(await details(boardId)).toMatchObject({ isDamaged: true, quarantined: 1 })
      // Edits of those who have it open are still stored.
      await documents.append(boardId, ada.user.id, whole)
      await stack.database.query('UPDATE compaction_queue SET due_at = now()')
      expect(await documentServices.compactor.compact(boardId)).toBe('nothing')
    },
  )

  test('has a version put in its place, with the edits since', async ({
    damagedBoard,
    report,
    api,
    textOf,
    details,
  }) => {
    const { boardId, text, versionId } = await damagedBoard()
    await report(boardId, { seqs: [], snapshot: true })
    expect((await api('GET', `/boards/${boardId}/export`)).status).toBe(503)
    const restored = await api('POST', `/boards/${boardId}/versions/${versionId}/restore`)
    expect(restored).toMatchObject({ status: 200, body: { changed: true } })
    expect(await textOf(boardId)).toBe(`later ${text}`)
    expect(await details(boardId)).toMatchObject({ isDamaged: false, quarantined: 1, updates: 0 })
  })
})
