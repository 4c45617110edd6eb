import { createBoard, eventually } from '@mindfuse/testing'
import fc from 'fast-check'
import type { KyselyPlugin } from 'kysely'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import type { Database } from '../../apps/api/src/db/database.ts'
import { startDocumentServices } from '../support/document-services.ts'
import { recordedDoc } from '../support/documents.ts'
import { test as base } from '../support/fixtures.ts'

type ServiceOptions = Parameters<typeof startDocumentServices>[1]

const test = base
  .extend('newBoard', { scope: 'file' }, ({ stack, ada }) => () => {
    return createBoard(stack.apiUrl, ada.accessToken)
  })
  .extend('services', ({ stack, atEnd }) => (options?: ServiceOptions) => {
    const services = startDocumentServices(stack.database.url, options)
    atEnd(() => services.close())
    return services
  })
  /** What Postgres holds of a board. */
  .extend('storedParts', ({ stack }) => async (boardId: string) => {
    const [row] = await stack.database.query(
      `SELECT d.seq::int, snapshot_seq::int AS "snapshotSeq", tail_bytes::int AS "tailBytes",
       (SELECT count(*)::int FROM board_updates u WHERE u.board_id = d.board_id) AS rows,
       (SELECT coalesce(sum(octet_length(update)), 0)::int FROM board_updates u
        WHERE u.board_id = d.board_id) AS "rowBytes",
       EXISTS (SELECT FROM compaction_queue q WHERE q.board_id = d.board_id) AS "isQueued"
     FROM board_documents d WHERE board_id = $1`,
      [boardId],
    )
    return row as {
      seq: number
      snapshotSeq: number
      tailBytes: number
      rows: number
      rowBytes: number
      isQueued: boolean
    }
  })
  .extend('makeBoard', ({ newBoard, documents, ada, documentServices }) => async () => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 30; i++) {
      doc.getText('text').insert(i, `${i}`)
      if (i % 4 === 0) doc.getText('text').delete(0, 1)
    }
    await documents.append(boardId, ada.user.id, ...updates.slice(0, 20))
    await documentServices.compactor.compact(boardId)
    await documents.append(boardId, ada.user.id, ...updates.slice(20))
    return { boardId, doc }
  })

/** All that a document says, what it waits for included. */
function contentOf(doc: Y.Doc) {
  return {
    state: Y.encodeStateVector(doc),
    deletes: Y.snapshot(doc).ds,
    text: doc.getText('text').toString(),
    map: doc.getMap('map').toJSON(),
    waits: doc.store.pendingStructs?.missing ?? null,
  }
}

describe('a tail that grew long', () => {
  test('is merged in the background, and the document is what it was', async ({
    newBoard,
    documents,
    ada,
    storedParts,
  }) => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 700; i++) doc.getMap('map').set(`k${i % 50}`, i)
    await documents.append(boardId, ada.user.id, ...updates)
    await eventually('the tail is merged', async () => (await storedParts(boardId)).rows === 0)
    expect(await storedParts(boardId)).toEqual({
      seq: 700,
      snapshotSeq: 700,
      tailBytes: 0,
      rows: 0,
      rowBytes: 0,
      isQueued: false,
    })
    expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
  })

  test('counts by its bytes, too', async ({ newBoard, documents, ada, storedParts }) => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 3; i++) doc.getText('text').insert(0, 'x'.repeat(400_000))
    await documents.append(boardId, ada.user.id, ...updates)
    await eventually('the tail is merged', async () => (await storedParts(boardId)).rows === 0)
    expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
  })

  test('is merged before the board opens, where nothing in the background did', async ({
    newBoard,
    documents,
    ada,
    stack,
  }) => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 3_000; i++) doc.getText('text').insert(i, 'a')
    await documents.append(boardId, ada.user.id, ...updates.slice(0, 100))
    // Behind the API's back, so that nothing is marked.
    await stack.database.query(
      `INSERT INTO board_updates (board_id, seq, user_id, update)
       SELECT $1, 100 + u.place, $2, u.update
       FROM unnest($3::bytea[]) WITH ORDINALITY AS u (update, place)`,
      [boardId, ada.user.id, updates.slice(100).map((update) => Buffer.from(update))],
    )
    await stack.database.query('UPDATE board_documents SET seq = 3000 WHERE board_id = $1', [
      boardId,
    ])
    const { snapshot, updates: tail } = await documents.stored(boardId)
    expect(tail).toEqual([])
    const loaded = new Y.Doc()
    Y.applyUpdate(loaded, snapshot!)
    expect(contentOf(loaded)).toEqual(contentOf(doc))
  })

  test('opens as it is where merging takes too long, and the next board is merged', async ({
    services,
    newBoard,
    documents,
    ada,
    stack,
  }) => {
    const slow = services({ workerTimeLimitMs: 1 })
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < 400; i++) doc.getText('text').insert(i, 'a')
    await documents.append(boardId, ada.user.id, ...updates)
    await expect(slow.compactor.compact(boardId)).rejects.toMatchObject({
      code: 'documents_busy',
    })
    expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
    const [queued] = await stack.database.query(
      `SELECT attempts, due_at > now() + interval '5 seconds' AS "isLater"
       FROM compaction_queue WHERE board_id = $1`,
      [boardId],
    )
    expect(queued).toEqual({ attempts: 1, isLater: true })
    await stack.database.query('UPDATE compaction_queue SET due_at = now() WHERE board_id = $1', [
      boardId,
    ])
    expect(await services().compactor.compact(boardId)).toBe('compacted')
    expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
  })

  test('that waits for an update as a whole stays as it is, and is merged when that is there', async ({
    newBoard,
    services,
    documents,
    ada,
    storedParts,
  }) => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    const text = doc.getText('text')
    for (let i = 0; i < 20; i++) text.insert(i, 'abc')
    const { compactor } = services()
    const [missing, ...others] = updates
    await documents.append(boardId, ada.user.id, ...others)
    const before = await storedParts(boardId)
    expect(await compactor.compact(boardId)).toBe('nothing')
    expect(await storedParts(boardId)).toEqual(before)

    await documents.append(boardId, ada.user.id, missing!)
    expect(await compactor.compact(boardId)).toBe('compacted')
    expect((await storedParts(boardId)).rows).toBe(0)
    expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
  })

  test('is merged without the updates that wait: they are numbered behind it, and told anew', async ({
    newBoard,
    services,
    documents,
    ada,
    storedParts,
  }) => {
    const boardId = await newBoard()
    const { doc, updates } = recordedDoc()
    const shape = doc.getMap('map')
    for (const [key, value] of Object.entries({ x: 1, y: 1 })) shape.set(key, value)
    shape.set('x', 2)
    shape.set('x', 3)
    const [first, missing, ...waiting] = updates
    const other = recordedDoc()
    other.doc.getText('text').insert(0, 'of somebody else')
    const { compactor } = services()
    await documents.append(boardId, ada.user.id, first!, ...waiting, ...other.updates)
    expect(await compactor.compact(boardId)).toBe('compacted')
    const parts = await storedParts(boardId)
    expect(parts).toMatchObject({ seq: 6, snapshotSeq: 4, rows: 2, isQueued: false })
    expect(parts.tailBytes).toBe(parts.rowBytes)
    const stored = await documents.stored(boardId, 4)
    expect(stored).toMatchObject({ snapshot: null, seqs: [5, 6], seq: 6 })
    expect(stored.updates.map((update) => Buffer.from(update))).toEqual(
      waiting.map((update) => Buffer.from(update)),
    )
    // What would replace the value waits, and so the value is still there.
    const { snapshot } = await documents.stored(boardId)
    const merged = new Y.Doc()
    Y.applyUpdate(merged, snapshot!)
    expect(merged.getMap('map').toJSON()).toEqual({ x: 1 })
    expect(merged.getText('text').toString()).toBe('of somebody else')
    expect(merged.store.pendingStructs).toBeNull()

    await documents.append(boardId, ada.user.id, missing!)
    expect(await compactor.compact(boardId)).toBe('compacted')
    expect(await storedParts(boardId)).toMatchObject({ seq: 7, snapshotSeq: 7, rows: 0 })
    const whole = await documents.open(boardId)
    expect(whole.getMap('map').toJSON()).toEqual({ x: 3, y: 1 })
  })

  test('of a board in the trash is left alone, and merged once it is back', async ({
    newBoard,
    documents,
    ada,
    stack,
    services,
    storedParts,
  }) => {
    const boardId = await newBoard()
    await documents.append(boardId, ada.user.id, Y.encodeStateAsUpdate(new Y.Doc()))
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [boardId])
    expect(await services().compactor.compact(boardId)).toBe('nothing')
    expect((await storedParts(boardId)).rows).toBe(1)
    await stack.database.query('UPDATE boards SET deleted_at = NULL WHERE id = $1', [boardId])
    expect(await services().compactor.compact(boardId)).toBe('compacted')
  })
})

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('edit' as const), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync' as const), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('compact' as const), who: fc.nat(1) }) },
)

test('no update is lost, whatever is appended and merged at once, by two instances', async ({
  services,
  newBoard,
  documents,
  ada,
  storedParts,
}) => {
  const instances = [services(), services()] as const
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const boardId = await newBoard()
      const whole = new Y.Doc()
      const people = [recordedDoc(), recordedDoc(), recordedDoc()]
      const underWay: Promise<unknown>[] = []
      const flush = async () => {
        for (const { updates } of people) {
          const batch = updates.splice(0)
          for (const update of batch) Y.applyUpdate(whole, update)
          if (batch.length > 0) underWay.push(documents.append(boardId, ada.user.id, ...batch))
        }
      }
      for (const [i, { do: what, who }] of steps.entries()) {
        const { doc } = people[who]!
        if (what === 'edit') {
          const text = doc.getText('text')
          if (i % 3 === 0 && text.length > 2) text.delete(i % (text.length - 1), 2)
          else text.insert(i % (text.length + 1), `<${i}>`)
          doc.getMap('map').set(`k${i % 5}`, i)
        } else if (what === 'sync') {
          await flush()
          Y.applyUpdate(doc, Y.encodeStateAsUpdate(whole), 'others')
          people[who]!.updates.length = 0
        } else {
          await flush()
          underWay.push(instances[who === 0 ? 0 : 1].compactor.compact(boardId))
        }
      }
      await flush()
      await Promise.all(underWay)
      expect(contentOf(await documents.open(boardId))).toEqual(contentOf(whole))
      await instances[0].compactor.compact(boardId)
      expect(contentOf(await documents.open(boardId))).toEqual(contentOf(whole))
      const { tailBytes, rowBytes } = await storedParts(boardId)
      expect(tailBytes).toBe(rowBytes)
    }),
    { numRuns: Number(process.env.COMPACTION_RUNS ?? 8) },
  )
}, 300_000)

/** Throws at one statement: before it runs, or after, when its answer is lost. */
function failingAt(statement: number, when: 'before' | 'after') {
  let count = 0
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      count++
      if (when === 'before' && count === statement) throw new Error('the process died here')
      return node
    },
    async transformResult({ result }) {
      if (when === 'after' && count === statement) throw new Error('the process died here')
      return result
    },
  }
  return { spoil: (db: Database) => db.withPlugin(plugin), statements: () => count }
}

describe('a compaction that dies', () => {
  test.for(['before', 'after'] as const)(
    '%s any of its statements loses nothing, and is made up for',
    { timeout: 180_000 },
    async (when, { makeBoard, services, documentServices, documents, stack, storedParts }) => {
      const counted = failingAt(0, when)
      const { boardId: first } = await makeBoard()
      const { compactor } = services(counted)
      // Its sweeps have statements, too.
      await compactor.stop()
      expect(await compactor.compact(first)).toBe('compacted')
      const statements = counted.statements()
      expect(statements).toBeGreaterThan(8)

      let died = 0
      for (let statement = 1; statement <= statements; statement++) {
        const { boardId, doc } = await makeBoard()
        const dying = startDocumentServices(stack.database.url, {
          ...failingAt(statement, when),
          workers: documentServices.workers,
        })
        await dying.compactor.stop()
        const outcome = await dying.compactor.compact(boardId).catch(() => 'died')
        if (outcome === 'died') died++
        expect(contentOf(await documents.open(boardId)), `statement ${statement}`).toEqual(
          contentOf(doc),
        )
        // Its lease ends. A sweep of another instance may be the first to see that.
        await stack.database.query('UPDATE compaction_queue SET due_at = now()')
        await eventually('it is made up for', async () => {
          return (await documentServices.compactor.compact(boardId)) !== 'elsewhere'
        })
        const parts = await storedParts(boardId)
        expect(parts).toMatchObject({ rows: 0, tailBytes: 0, isQueued: false })
        expect(contentOf(await documents.open(boardId))).toEqual(contentOf(doc))
        await dying.close()
      }
      expect(died).toBe(statements)
    },
  )
})
