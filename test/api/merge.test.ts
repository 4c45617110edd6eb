import { createBoard, eventually } from '@mindfuse/testing'
import type { KyselyPlugin, RootOperationNode } from 'kysely'
import { expect } from 'vitest'
import * as Y from 'yjs'
import type { Database } from '../../apps/api/src/db/database.ts'
import { startDocumentServices } from '../support/document-services.ts'
import { recordedDoc } from '../support/documents.ts'
import { test as base } from '../support/fixtures.ts'

const MEBIBYTE = 1024 * 1024

const test = base
  .extend('newBoard', { scope: 'file' }, ({ stack, ada }) => () => {
    return createBoard(stack.apiUrl, ada.accessToken)
  })
  /** Has a board merged as a gateway does. */
  .extend('merge', { scope: 'file' }, ({ documents, ada }) => async (boardId: string) => {
    const response = await documents.internal(`/boards/${boardId}/merge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: ada.user.id }),
    })
    return (await response.json()) as { outcome?: string }
  })
  .extend('storedBytes', { scope: 'file' }, ({ as, ada }) => async (boardId: string) => {
    const { body } = await as(ada, `/api/boards/${boardId}/document`)
    return (body as { bytes: number }).bytes
  })

test('LIM-22: a merge that a gateway asks for leaves what is not deleted', async ({
  newBoard,
  documents,
  ada,
  merge,
  storedBytes,
}) => {
  const boardId = await newBoard()
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 5; i++) doc.getMap('shapes').set('a', `${i}`.repeat(1_000))
  await documents.append(boardId, ada.user.id, ...updates)
  expect(await merge(boardId)).toEqual({ outcome: 'merged' })
  expect(await storedBytes(boardId)).toBeLessThan(2_000)
  expect((await documents.open(boardId)).getMap('shapes').toJSON()).toEqual({
    a: '4'.repeat(1_000),
  })
  // There is nothing to do any more.
  expect(await merge(boardId)).toEqual({ outcome: 'merged' })
})

test('LIM-22: a merge that is asked for while another is under way leaves out what was deleted before', async ({
  newBoard,
  documents,
  stack,
  ada,
  storedBytes,
  atEnd,
}) => {
  const boardId = await newBoard()
  const { doc, updates } = recordedDoc()
  doc.getMap('shapes').set('a', 'a'.repeat(100_000))
  doc.getMap('shapes').delete('a')
  await documents.append(boardId, ada.user.id, updates[0]!)
  const { spoil, reached, release } = holding(isPage)
  const services = startDocumentServices(stack.database.url, { spoil })
  atEnd(() => services.close())
  const earlier = services.compactor.compact(boardId)
  await reached
  await documents.append(boardId, ada.user.id, updates[1]!)
  const merged = services.documents.merge(boardId, ada.user.id)
  release()
  expect([await earlier, await merged]).toEqual(['compacted', { outcome: 'merged' }])
  expect(await storedBytes(boardId)).toBeLessThan(1_000)
})

test('LIM-22: a board is merged by one at a time, and one that cannot be built is not', async ({
  newBoard,
  documents,
  stack,
  ada,
  merge,
}) => {
  const boardId = await newBoard()
  const { doc, updates } = recordedDoc()
  doc.getMap('shapes').set('a', 1)
  await documents.append(boardId, ada.user.id, ...updates)
  const { query } = stack.database
  await query(
    `INSERT INTO compaction_queue (board_id, due_at, attempts) VALUES ($1, now() + interval '1 hour', 1)`,
    [boardId],
  )
  expect(await merge(boardId)).toEqual({ outcome: 'elsewhere' })
  await query('DELETE FROM compaction_queue WHERE board_id = $1', [boardId])
  await query(
    `UPDATE board_documents SET build_failure = 'broken', build_failed_seq = 1, build_failed_at = now()
     WHERE board_id = $1`,
    [boardId],
  )
  expect(await merge(boardId)).toEqual({ outcome: 'unmergeable' })
})

test('a board that is due again while its merge ends is merged at once', async ({
  newBoard,
  documents,
  stack,
  ada,
  storedBytes,
  atEnd,
}) => {
  const boardId = await newBoard()
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 600; i++) doc.getMap('shapes').set('a', `${i}`)
  await documents.append(boardId, ada.user.id, updates[0]!)
  const first = startDocumentServices(stack.database.url)
  atEnd(() => first.close())
  expect(await first.compactor.compact(boardId)).toBe('compacted')
  const { spoil, reached, release } = holding(isRelease)
  const {
    documents: service,
    compactor,
    close,
  } = startDocumentServices(stack.database.url, { spoil })
  atEnd(close)
  const earlier = compactor.compact(boardId)
  await reached
  await stack.database.query(
    `UPDATE board_documents SET compacted_at = now() - interval '1 hour' WHERE board_id = $1`,
    [boardId],
  )
  const rest = updates.slice(1).map((update) => ({ userId: ada.user.id, update }))
  await service.append([{ boardId, updates: rest }])
  await eventually('it is claimed', async () => {
    const [row] = await stack.database.query(
      'SELECT attempts FROM compaction_queue WHERE board_id = $1',
      [boardId],
    )
    return row?.attempts === 1
  })
  release()
  expect(await earlier).toBe('nothing')
  await eventually('it is merged', async () => (await storedBytes(boardId)) < 1_000)
})

test('an import is accepted if the board has room for it once it is merged', async ({
  newBoard,
  documents,
  ada,
  storedBytes,
  stack,
}) => {
  const boardId = await newBoard()
  // Not merged in the background meanwhile.
  await stack.database.query(
    `INSERT INTO compaction_queue (board_id, due_at) VALUES ($1, now() + interval '1 hour')`,
    [boardId],
  )
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 5; i++) doc.getMap('shapes').set('a', `${i}`.repeat(15 * MEBIBYTE))
  for (const update of updates) await documents.append(boardId, ada.user.id, update)
  const imported = new Y.Doc()
  imported.getMap('shapes').set('b', 'b')
  const response = await fetch(`${stack.apiUrl}/api/boards/${boardId}/import`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ada.accessToken}`,
      'content-type': 'application/octet-stream',
    },
    body: Y.encodeStateAsUpdate(imported),
  })
  expect(response.status).toBe(200)
  expect(await storedBytes(boardId)).toBeLessThan(16 * MEBIBYTE)
  expect(Object.keys((await documents.open(boardId)).getMap('shapes').toJSON())).toEqual(['a', 'b'])
})

/** Reads a page of updates. */
const isPage = (node: RootOperationNode) =>
  node.kind === 'RawNode' && `${node.sqlFragments}`.includes('string_agg')

/** Takes a board out of the queue. */
const isRelease = (node: RootOperationNode) => node.kind === 'DeleteQueryNode'

/** Holds the results of some queries until they are released. */
function holding(isHeld: (node: RootOperationNode) => boolean) {
  const [reached, release] = [signal(), signal()]
  const held = new WeakSet<object>()
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      if (isHeld(node)) held.add(queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (!held.has(queryId)) return result
      reached.give()
      await release.given
      return result
    },
  }
  return {
    spoil: (db: Database) => db.withPlugin(plugin),
    reached: reached.given,
    release: release.give,
  }
}

function signal(): { given: Promise<void>; give: () => void } {
  let give: () => void = () => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
