import type { Board } from '@mindfuse/client'
import { eventually, nestedMaps, poison } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { converged, createIndexedDb, draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

/** Nested deep enough for Yjs to run out of stack when the outermost is deleted. */
const POISON_DEPTH = 8_000

const test = proxiedTest
  /** Stores updates as they were before gateways bounded nesting. */
  .extend('store', ({ stack, boardId, ada }) => async (...updates: Uint8Array[]) => {
    const { query } = stack.database
    await query('UPDATE board_documents SET seq = $2 WHERE board_id = $1', [
      boardId,
      updates.length,
    ])
    for (const [i, update] of updates.entries()) {
      await query(
        'INSERT INTO board_updates (board_id, seq, user_id, update) VALUES ($1, $2, $3, $4)',
        [boardId, i + 1, ada.user.id, Buffer.from(update)],
      )
    }
  })

/** The same on a machine that keeps edits. */
const keptTest = test
  .extend('indexedDB', ({ task: _ }) => createIndexedDb())
  .extend(
    'openTab',
    ({ boardId, ada, connect, indexedDB }) =>
      (): Board =>
        connect(ada, { userId: ada.user.id, environment: { indexedDB } }).board(boardId),
  )
  .extend('closeTabs', ({ sdkClients }) => async () => {
    await Promise.all(sdkClients.splice(0).map((client) => client.close()))
  })
  /** Puts updates into what the machine has stored. */
  .extend(
    'keep',
    ({ indexedDB }) =>
      async (store: 'known' | 'unsaved', ...updates: Uint8Array[]): Promise<void> => {
        const [{ name }] = (await indexedDB.databases()) as [{ name: string }]
        await new Promise<void>((resolve, reject) => {
          const request = indexedDB.open(name)
          request.onerror = () => reject(request.error)
          request.onsuccess = () => {
            const transaction = request.result.transaction(store, 'readwrite')
            for (const update of updates) transaction.objectStore(store).add(update)
            transaction.oncomplete = () => {
              request.result.close()
              resolve()
            }
          }
        })
      },
  )

const poisoned = () => {
  const { nested, deleted } = poison(POISON_DEPTH)
  return Y.mergeUpdates([nested, deleted])
}

/** What a board reports from now on. */
function record(board: Board) {
  const reported = { errors: [] as string[], resets: [] as string[], saved: [] as boolean[] }
  board.on('error', ({ code }) => reported.errors.push(code))
  board.on('reset', ({ reason }) => reported.resets.push(reason))
  board.on('saved', (isSaved) => reported.saved.push(isSaved))
  return reported
}

describe('a local change that produces no update', () => {
  test('is never reported as saved; the board starts again and keeps all other edits', async ({
    hers,
    his,
    readStored,
    stack,
  }) => {
    draw(hers, 'before')
    await hers.whenSaved()
    const reported = record(hers)
    // Nothing of what follows is acknowledged yet.
    await stack.stopApi()
    draw(hers, 'unsaved')
    const change = () => {
      nestedMaps(POISON_DEPTH, hers.doc)
      hers.doc.getMap('shapes').delete('a')
    }
    // With an origin that undo does not track: what can be undone is never collected as garbage.
    expect(() => hers.doc.transact(change, 'script')).toThrow()
    expect(hers.saved).toBe(false)
    expect(() => draw(hers, 'reaches nobody')).not.toThrow()
    expect(hers.saved).toBe(false)
    await stack.startApi()
    await eventually('it starts again', () => reported.resets.length > 0)
    expect(reported).toMatchObject({ errors: ['document_failed'], resets: ['document_failed'] })
    expect(shapesOf(hers)).toEqual({ before: true, unsaved: true })
    draw(hers, 'after')
    await hers.whenSaved()
    expect(reported.saved).toEqual([false, true])
    expect(await readStored()).toEqual({ before: true, unsaved: true, after: true })
    expect(await converged([hers, his])).toEqual(shapesOf(hers))
  })

  test('is noticed as well if a listener of the application broke the document', async ({
    hers,
    readStored,
  }) => {
    const reported = record(hers)
    hers.doc.once('update', () => {
      throw new Error('the application’s')
    })
    expect(() => draw(hers, 'circle')).toThrow('the application’s')
    expect(hers.saved).toBe(false)
    await eventually('it starts again', () => reported.resets.length > 0)
    draw(hers, 'square')
    await hers.whenSaved()
    expect(await readStored()).toEqual({ circle: true, square: true })
  })
})

describe('what this machine stored makes Yjs fail', () => {
  const test = keptTest

  test('the board starts again with what the server has, and edits that were made offline', async ({
    openTab,
    closeTabs,
    proxy,
    keep,
    readStored,
  }) => {
    const before = openTab()
    await before.whenSynced()
    draw(before, 'online')
    await before.whenSaved()
    proxy.refuse()
    await eventually('it is offline', () => before.status.kind === 'offline')
    draw(before, 'offline')
    await closeTabs()
    await keep('known', poisoned())
    proxy.pass()

    for (const codes of [['document_failed'], []]) {
      const board = openTab()
      const { errors } = record(board)
      await board.whenSynced()
      await board.whenSaved()
      expect(errors).toEqual(codes)
      expect(shapesOf(board)).toEqual({ online: true, offline: true })
      await closeTabs()
    }
    expect(await readStored()).toEqual({ online: true, offline: true })
  })

  test('an edit that does is dropped, and all others are kept', async ({
    openTab,
    closeTabs,
    keep,
    readStored,
  }) => {
    const before = openTab()
    await before.whenSynced()
    await closeTabs()
    const other = new Y.Doc()
    other.getMap('shapes').set('kept', true)
    await keep('unsaved', Y.encodeStateAsUpdate(other), poisoned())

    const board = openTab()
    const { errors } = record(board)
    await board.whenSynced()
    await board.whenSaved()
    expect(errors).toEqual(['document_failed', 'document_failed', 'edit_failed'])
    expect(shapesOf(board)).toEqual({ kept: true })
    expect(await readStored()).toEqual({ kept: true })
    await closeTabs()

    const again = openTab()
    const later = record(again)
    await again.whenSynced()
    expect(later.errors).toEqual([])
  })
})

describe('a board whose content makes Yjs fail', () => {
  test('is never synced nor saved; it is given up with a code', async ({
    store,
    connect,
    ada,
    boardId,
  }) => {
    const { nested, deleted } = poison(POISON_DEPTH)
    await store(nested, deleted)
    const board = connect(ada).board(boardId)
    const errors: string[] = []
    board.on('error', ({ code }) => errors.push(code))
    await expect(board.whenSynced()).rejects.toMatchObject({ code: 'document_failed' })
    expect(errors).toEqual(Array.from({ length: 4 }, () => 'document_failed'))
    expect(board.status).toMatchObject({ kind: 'denied', reason: 'document_failed' })
    expect(board.saved).toBe(false)
    expect(() => board.edit(() => undefined)).toThrow()
  })

  test('opens again once its content is mended', async ({
    stack,
    store,
    connect,
    ada,
    boardId,
    readStored,
  }) => {
    const { nested, deleted } = poison(POISON_DEPTH)
    await store(nested, deleted)
    const board = connect(ada).board(boardId)
    await expect(board.whenSynced()).rejects.toMatchObject({ code: 'document_failed' })
    await stack.database.query('DELETE FROM board_updates WHERE board_id = $1', [boardId])
    await stack.restartGateway()
    board.connect()
    await eventually('it is synced', () => board.synced)
    expect(board.canEdit).toBe(true)
    draw(board, 'circle')
    await board.whenSaved()
    expect(await readStored()).toEqual({ circle: true })
  })
})
