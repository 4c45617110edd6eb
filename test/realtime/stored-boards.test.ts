import { createHash, randomBytes } from 'node:crypto'
import { CLOSE_CODES, decodeFrame, encodeSyncStep1 } from '@mindfuse/protocol'
import { connectRaw, eventually } from '@mindfuse/testing'
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import { describe, expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { test as base } from '../support/fixtures.ts'

const DELETED_RANGES = 20_000

const test = base
  /** Puts a snapshot and updates into storage, as they are, before anybody opens the board. */
  .extend(
    'store',
    ({ stack, boardId, ada }) =>
      async (snapshot: Uint8Array | null, ...updates: Uint8Array[]): Promise<void> => {
        const { query } = stack.database
        await query(
          `UPDATE board_documents SET snapshot = $2, snapshot_seq = $3, seq = $4 WHERE board_id = $1`,
          [
            boardId,
            snapshot && Buffer.from(snapshot),
            snapshot ? 1 : 0,
            (snapshot ? 1 : 0) + updates.length,
          ],
        )
        for (const [i, update] of updates.entries()) {
          await query(
            'INSERT INTO board_updates (board_id, seq, user_id, update) VALUES ($1, $2, $3, $4)',
            [boardId, (snapshot ? 2 : 1) + i, ada.user.id, Buffer.from(update)],
          )
        }
      },
  )
  .extend('join', ({ stack, boardId, ada, clients }) => async (query = '') => {
    const url = `${stack.realtimeUrl}/${boardId}?token=${ada.accessToken}${query}`
    return clients.keep(await connectRaw(url))
  })

/** A document, and an update for each of its shapes. */
function drawn(shapes: number) {
  const doc = new Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < shapes; i++) doc.getMap('shapes').set(`shape ${i}`, i)
  return { doc, updates }
}

/** Bytes that Yjs takes as a value. */
const noise = (length: number) => new Uint8Array(randomBytes(length))

/** An update that deletes every second of a client's clocks: Yjs takes minutes to make one. */
function everySecondDeleted(client: number, ranges: number): Uint8Array {
  const encoder = createEncoder()
  for (const head of [0, 1, client, ranges]) writeVarUint(encoder, head)
  for (let i = 0; i < ranges; i++) {
    writeVarUint(encoder, 2 * i)
    writeVarUint(encoder, 1)
  }
  return toUint8Array(encoder)
}

const kindsOf = (frames: Uint8Array[]) => frames.map((frame) => decodeFrame(frame).kind)

test('a document that was replaced as a whole is read anew, though no event told of it', async ({
  store,
  join,
  stock,
  stack,
  boardId,
}) => {
  await store(encodeStateAsUpdate(drawn(3).doc))
  const before = await join()
  await eventually('it is greeted', () => before.frames.length > 0)
  const version = new Doc()
  version.getMap('shapes').set('restored', true)
  await stack.database.query(
    `UPDATE board_documents SET snapshot = $2, seq = seq + 1, snapshot_seq = seq + 1,
       replaced_seq = seq + 1 WHERE board_id = $1`,
    [boardId, Buffer.from(encodeStateAsUpdate(version))],
  )
  expect(await before.closeCode()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
  const after = stock()
  await after.synced()
  expect(after.doc.getMap('shapes').toJSON()).toEqual({ restored: true })
})

describe('joining', () => {
  test('JOIN-1: a stock provider is synced when it has the snapshot and what came since', async ({
    store,
    stock,
    stack,
    boardId,
  }) => {
    const { doc, updates } = drawn(9)
    await store(encodeStateAsUpdate(doc), ...updates.slice(0, 2))
    const first = stock()
    const sizes: number[] = []
    first.provider.on('sync', () => sizes.push(first.doc.getMap('shapes').size))
    await first.synced()
    expect(sizes).toEqual([9])

    first.doc.getMap('shapes').set('since', true)
    await eventually('it is stored', async () => {
      const [row] = await stack.database.query(
        'SELECT seq FROM board_documents WHERE board_id = $1',
        [boardId],
      )
      return Number(row?.seq) > 3
    })
    const second = stock()
    second.provider.on('sync', () => sizes.push(second.doc.getMap('shapes').size))
    await second.synced()
    expect(sizes).toEqual([9, 10])
    expect(second.doc.getMap('shapes').toJSON()).toEqual(first.doc.getMap('shapes').toJSON())
  })

  test('JOIN-2: a newcomer gets the snapshot byte for byte, then a step 2', async ({
    store,
    join,
  }) => {
    const snapshot = encodeStateAsUpdate(drawn(50).doc)
    await store(snapshot)
    const client = await join()
    client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
    await eventually('it is answered', () => client.frames.length === 3)
    expect(kindsOf(client.frames)).toEqual(['sync-step-1', 'update', 'sync-step-2'])
    expect(decodeFrame(client.frames[1]!)).toEqual({ kind: 'update', update: snapshot })
  })

  test('JOIN-3: a large board arrives whole at a reader that is slow, with the edits after it', async ({
    store,
    stock,
  }) => {
    const { doc } = drawn(0)
    for (let i = 0; i < 12; i++) doc.getMap('shapes').set(`photo ${i}`, noise(900_000))
    await store(encodeStateAsUpdate(doc))
    const painter = stock()
    await painter.synced()
    const slow = stock()
    await slow.synced()
    slow.provider.disconnect()
    const reader = stock()
    const line = () =>
      (reader.provider.ws as unknown as { _socket?: { pause(): void; resume(): void } })?._socket
    await eventually('it is connected', () => reader.provider.wsconnected && line())
    line()?.pause()
    for (let i = 0; i < 20; i++) painter.doc.getMap('shapes').set(`edit ${i}`, noise(100_000))
    line()?.resume()
    await eventually('it has everything', () => reader.doc.getMap('shapes').size === 32)
    expect(reader.provider.wsUnsuccessfulReconnects).toBe(0)
  })

  test('JOIN-4: who missed nothing and says so is sent less than 1 KB, however much is deleted', async ({
    store,
    join,
  }) => {
    const doc = new Doc()
    doc.clientID = 5
    doc.getText('text').insert(0, 'ab'.repeat(DELETED_RANGES))
    applyUpdate(doc, everySecondDeleted(5, DELETED_RANGES))
    await store(encodeStateAsUpdate(doc))
    const stateVector = encodeStateVector(doc)
    const deletes = encodeStateAsUpdate(doc, stateVector)
    expect(deletes.length).toBeGreaterThan(DELETED_RANGES)
    const digest = createHash('sha256').update(stateVector).update(deletes).digest('base64url')

    const client = await join(`&digest=${digest}`)
    await eventually('it is told', () => client.frames.length === 1)
    expect(kindsOf(client.frames)).toEqual(['sync-step-2'])
    expect(client.frames[0]!.length).toBeLessThan(10)

    doc.getText('text').insert(0, 'new')
    const update = encodeStateAsUpdate(doc, stateVector)
    const other = await join(`&digest=${createHash('sha256').update(update).digest('base64url')}`)
    await eventually('it is asked', () => other.frames.length === 1)
    expect(kindsOf(other.frames)).toEqual(['sync-step-1'])
  })
})

describe('stored bytes that cannot be read', () => {
  test('STORE-11: an update is left out and put into quarantine; the board opens', async ({
    store,
    stock,
    stack,
    boardId,
  }) => {
    const { doc, updates } = drawn(2)
    await store(null, updates[0]!, randomBytes(40), updates[1]!, updates[1]!.subarray(0, -3))
    const client = stock()
    await client.synced()
    expect(client.doc.getMap('shapes').toJSON()).toEqual(doc.getMap('shapes').toJSON())
    await eventually('both are in quarantine', async () => {
      const rows = await stack.database.query(
        'SELECT seq FROM quarantined_updates WHERE board_id = $1 ORDER BY seq',
        [boardId],
      )
      return rows.map(({ seq }) => Number(seq)).join() === '2,4'
    })
    // And the board goes on.
    client.doc.getMap('shapes').set('after', 1)
    const other = stock()
    await other.synced()
    await eventually('it has both', () => other.doc.getMap('shapes').size === 3)
  })

  test('STORE-12: a board whose snapshot is damaged closes with 4503, never as an empty board', async ({
    store,
    join,
    stack,
    boardId,
  }) => {
    const { updates } = drawn(2)
    await store(randomBytes(500), updates[0]!)
    const client = await join()
    client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
    expect(await client.closeCode()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
    expect(client.frames).toEqual([])
    await eventually('the snapshot is kept aside', async () => {
      const [row] = await stack.database.query(
        `SELECT count(*) FROM quarantined_updates WHERE board_id = $1 AND kind = 'snapshot'`,
        [boardId],
      )
      return Number(row?.count) === 1
    })
    const again = await join()
    expect(await again.closeCode()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
  })
})
