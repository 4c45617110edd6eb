import {
  CLOSE_CODES,
  decodeFrame,
  encodePermissionDenied,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  MAX_UPDATE_BYTES,
} from '@mindfuse/protocol'
import { connectRaw, eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs'
import { test as base } from '../support/fixtures.ts'

const test = base
  /** Leaves `shapes.a = 1` stored, and a gateway that has not loaded the board. */
  .extend('drawAndRestart', ({ stock, storedUpdates, stack }) => async (): Promise<void> => {
    const one = stock()
    await one.synced()
    const before = await storedUpdates()
    one.doc.getMap('shapes').set('a', 1)
    await eventually('it is stored', async () => (await storedUpdates()) > before)
    one.provider.disconnect()
    await stack.restartGateway()
  })

function updateOf(edit: (doc: Doc) => void): Uint8Array {
  const doc = new Doc()
  edit(doc)
  return encodeStateAsUpdate(doc)
}

describe('sync', () => {
  test('SYNC-5: two stock providers see each other draw', async ({ stock }) => {
    const one = stock()
    const two = stock()
    await Promise.all([one.synced(), two.synced()])

    one.doc.getMap('shapes').set('a', 'circle')
    two.doc.getMap('shapes').set('b', 'square')

    const both = { a: 'circle', b: 'square' }
    await eventually('one sees both', () => one.doc.getMap('shapes').size === 2)
    await eventually('two sees both', () => two.doc.getMap('shapes').size === 2)
    expect(one.doc.getMap('shapes').toJSON()).toEqual(both)
    expect(two.doc.getMap('shapes').toJSON()).toEqual(both)
  })

  test('SYNC-4: a joiner gets what was drawn before, from the gateway and after its restart', async ({
    stock,
    stack,
  }) => {
    const one = stock()
    await one.synced()
    for (let i = 0; i < 50; i++) one.doc.getArray('strokes').push([i])

    const early = stock()
    await early.synced()
    expect(early.doc.getArray('strokes').length).toBe(50)

    one.provider.disconnect()
    early.provider.disconnect()
    await stack.restartGateway()
    const late = stock()
    await late.synced()
    expect(late.doc.getArray('strokes').toArray()).toEqual(one.doc.getArray('strokes').toArray())
  })

  test('SYNC-10: offline edits reach the others after a reconnect', async ({ stock }) => {
    const one = stock()
    const two = stock()
    await Promise.all([one.synced(), two.synced()])
    one.provider.disconnect()
    one.doc.getMap('shapes').set('offline', 1)
    two.doc.getMap('shapes').set('online', 2)
    one.provider.connect()
    await eventually('two has both', () => two.doc.getMap('shapes').size === 2)
    await eventually('one has both', () => one.doc.getMap('shapes').size === 2)
  })

  test('SYNC-15: ids that were taken stay taken; those of a new clientID are nobody’s', async ({
    stock,
  }) => {
    const one = stock()
    const two = stock()
    await Promise.all([one.synced(), two.synced()])
    one.doc.getMap('shapes').set('before', 1)
    await eventually('two has it', () => two.doc.getMap('shapes').has('before'))
    one.provider.disconnect()

    const imposter = new Doc()
    applyUpdate(imposter, encodeStateAsUpdate(two.doc))
    imposter.clientID = one.doc.clientID
    imposter.getMap('shapes').set('taken', 1)
    applyUpdate(two.doc, encodeStateAsUpdate(imposter))
    const three = stock()
    await eventually('the gateway has it', () => three.doc.getMap('shapes').has('taken'))

    one.doc.getMap('shapes').set('lost', 1)
    const { awareness } = one.provider
    awareness.setLocalState(null)
    one.doc.clientID = new Doc().clientID
    // Else the provider fails on its way back.
    awareness.clientID = one.doc.clientID
    awareness.setLocalState({})
    one.doc.getMap('shapes').set('kept', 1)
    one.provider.connect()
    await eventually('two has the last edit', () => two.doc.getMap('shapes').has('kept'))
    expect(two.doc.getMap('shapes').toJSON()).toEqual({ before: 1, taken: 1, kept: 1 })
  })

  test('SYNC-6: an update that skips ahead is asked for in full, and never stored with a hole', async ({
    storedUpdates,
    raw,
    stock,
  }) => {
    const doc = new Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getArray('strokes').push(['first'])
    doc.getArray('strokes').push(['second'])
    const stored = await storedUpdates()

    const client = await raw()
    await eventually('the gateway asks at first', () => client.frames.length === 1)
    client.socket.send(encodeUpdate(updates[1]!))
    await eventually('the gateway asks again', () => client.frames.length === 2)
    expect(client.frames.map((frame) => decodeFrame(frame).kind)).toEqual([
      'sync-step-1',
      'sync-step-1',
    ])

    client.socket.send(encodeSyncStep2(encodeStateAsUpdate(doc)))
    await eventually('the whole is stored', async () => (await storedUpdates()) === stored + 1)
    const other = stock()
    await other.synced()
    expect(other.doc.getArray('strokes').toArray()).toEqual(['first', 'second'])
  })

  test('SYNC-1: nothing is answered before the board is loaded', async ({
    drawAndRestart,
    raw,
  }) => {
    await drawAndRestart()

    const client = await raw()
    client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
    const frame = await eventually('a step 2 arrives', () =>
      client.frames.map(decodeFrame).find(({ kind }) => kind === 'sync-step-2'),
    )
    const doc = new Doc()
    applyUpdate(doc, (frame as { update: Uint8Array }).update)
    expect(doc.getMap('shapes').toJSON()).toEqual({ a: 1 })
  })
})

describe('bad frames', () => {
  const MALFORMED: [string, Uint8Array][] = [
    ['an empty frame', new Uint8Array()],
    ['an unknown message', Uint8Array.of(77)],
    ['an unknown sync message', Uint8Array.of(0, 9, 0)],
    ['a length beyond the end', Uint8Array.of(0, 2, 200, 1)],
    ['bytes after the frame', Uint8Array.of(0, 2, 2, 0, 0, 0)],
    ['a malformed update', encodeUpdate(Uint8Array.of(1, 1, 1, 1, 1, 1))],
    ['a malformed state vector', encodeSyncStep1(Uint8Array.of(9, 9))],
    ['malformed awareness', Uint8Array.of(1, 3, 1, 1, 1)],
    ['a denial of permission, which only gateways send', encodePermissionDenied('read_only')],
  ]

  test.for(MALFORMED)(
    'BAD-1 BAD-2 BAD-4: %s closes its sender with 4400, and the room goes on',
    async ([_, frame], { stock, storedUpdates, raw }) => {
      const one = stock()
      const two = stock()
      await Promise.all([one.synced(), two.synced()])
      const stored = await storedUpdates()

      const vandal = await raw()
      vandal.socket.send(frame)
      expect(await vandal.closeCode()).toBe(CLOSE_CODES.MALFORMED)
      expect(await storedUpdates()).toBe(stored)

      one.doc.getMap('shapes').set('still', 'here')
      await eventually('two sees it', () => two.doc.getMap('shapes').get('still') === 'here')
    },
  )

  test('BAD-3 ACK-6: an edit over its limit is not stored, and its sender stays connected', async ({
    raw,
    storedUpdates,
  }) => {
    const client = await raw()
    const stored = await storedUpdates()
    const big = 'x'.repeat(MAX_UPDATE_BYTES)
    client.socket.send(encodeUpdate(updateOf((doc) => doc.getMap('m').set('big', big))))
    await eventually('it is told', () => client.denied().includes('too_large'))
    expect(await storedUpdates()).toBe(stored)
    expect(client.closed).toBeUndefined()
  })
})

describe('storage trouble', () => {
  test('STORE-1: edits made while the API is away are relayed, and stored when it is back', async ({
    stock,
    storedUpdates,
    stack,
  }) => {
    const one = stock()
    const two = stock()
    await Promise.all([one.synced(), two.synced()])
    const stored = await storedUpdates()

    await stack.stopApi()
    one.doc.getMap('shapes').set('meanwhile', 1)
    await eventually('two sees it', () => two.doc.getMap('shapes').get('meanwhile') === 1)
    expect(await storedUpdates()).toBe(stored)

    await stack.startApi()
    await eventually('it is stored', async () => (await storedUpdates()) > stored)
  })

  test('SYNC-11: a board that cannot be loaded closes with 4503, never as an empty board', async ({
    drawAndRestart,
    stack,
    stock,
    boardId,
    ada,
    clients,
  }) => {
    await drawAndRestart()
    await stack.database.query('ALTER TABLE board_documents RENAME TO hidden')

    const url = `${stack.realtimeUrl}/${boardId}?token=${ada.accessToken}`
    const client = clients.keep(await connectRaw(url))
    client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
    expect(await client.closeCode()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
    expect(client.frames).toEqual([])

    await stack.database.query('ALTER TABLE hidden RENAME TO board_documents')
    const again = stock()
    await again.synced()
    expect(again.doc.getMap('shapes').toJSON()).toEqual({ a: 1 })
  })

  test('STORE-7: a board that goes to the trash while open closes with 4404 at its next edit', async ({
    raw,
    stack,
    boardId,
  }) => {
    const client = await raw()
    await eventually('the gateway asks', () => client.frames.length === 1)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [boardId])
    client.socket.send(encodeUpdate(updateOf((doc) => doc.getMap('m').set('k', 1))))
    expect(await client.closeCode()).toBe(CLOSE_CODES.BOARD_GONE)
  })
})
