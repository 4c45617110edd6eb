import { createServer, type IncomingMessage, request } from 'node:http'
import { encodeSyncStep1, encodeUpdate } from '@mindfuse/protocol'
import { eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { syncDocument } from '../support/continuous-edits.ts'
import { test as base } from '../support/fixtures.ts'

const test = base
  /** A proxy that passes everything on, both ways, but for the answer to the first batch. */
  .extend('lossyProxy', async ({ stack }, { onCleanup }) => {
    const lossy = { url: '', batches: 0 }
    const proxy = createServer((from, to) => {
      const isBatch = from.url === '/internal/updates'
      if (isBatch) lossy.batches++
      const isLost = isBatch && lossy.batches === 1
      const { hostname, port } = new URL(stack.apiUrl)
      const { method, headers, url: path } = from
      const onward = request(
        { hostname, port, method, headers, path },
        (answer: IncomingMessage) => {
          if (isLost) {
            answer.resume()
            to.destroy()
            return
          }
          to.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(to)
        },
      )
      onward.on('error', () => to.destroy())
      from.pipe(onward)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onCleanup(() => void proxy.close())
    lossy.url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
    return lossy
  })

/** An edit of a client of its own, of about so many bytes. */
function largeEdit(bytes: number): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set('text', 'x'.repeat(bytes))
  return encodeStateAsUpdate(doc)
}

test('STORE-13: clients are notified that storage is delayed and when it caught up; saved stands still meanwhile', async ({
  whiteboard,
  stack,
  storedUpdates,
}) => {
  const painter = await whiteboard()
  const doc = syncDocument(painter)
  await painter.heard('sync:ack', ({ received, saved }) => received === 1 && saved === 1)
  await stack.stopApi()
  try {
    doc.getMap('shapes').set('meanwhile', 1)
    await painter.heard('storage', ({ state }) => state === 'delayed')
    await painter.heard('sync:ack', ({ received }) => received === 2)
    expect(painter.messages.some((m) => m.type === 'sync:ack' && m.saved > 1)).toBe(false)
  } finally {
    await stack.startApi()
  }
  await painter.heard('storage', ({ state }) => state === 'ok')
  await painter.heard('sync:ack', ({ saved }) => saved === 2)
  expect(await storedUpdates()).toBe(1)
})

test('STORE-16: what one person has to store, on any boards, leaves room for everybody else', async ({
  stack,
  newBoard,
  whiteboard,
  ada,
  alan,
}) => {
  const MEBIBYTE = 1024 * 1024
  const hostile = [await whiteboard(), await whiteboard(0, ada, await newBoard())]
  const bystander = await whiteboard(0, alan, await newBoard())
  const doc = syncDocument(bystander)
  await bystander.heard('sync:ack', ({ saved }) => saved === 1)
  await stack.stopApi()
  try {
    for (let i = 0; i < 12; i++) {
      for (const { socket } of hostile) socket.send(encodeUpdate(largeEdit(MEBIBYTE - 100)))
    }
    for (const client of hostile) {
      await client.heard('sync:ack', ({ received }) => received === 12)
      expect(client.closed).toBeUndefined()
    }
    const rejected = hostile.flatMap(({ messages }) =>
      messages.flatMap((it) => (it.type === 'sync:rejected' ? [it.code] : [])),
    )
    expect(new Set(rejected)).toEqual(new Set(['rate_limited']))
    expect(rejected.length).toBeGreaterThanOrEqual(7)
    doc.getMap('shapes').set('meanwhile', 1)
    await bystander.heard('sync:ack', ({ received }) => received === 2)
  } finally {
    await stack.startApi()
  }
  await bystander.heard('sync:ack', ({ saved }) => saved === 2)
  expect(bystander.messages.some(({ type }) => type === 'sync:rejected')).toBe(false)
  for (const { socket } of hostile) socket.send(encodeUpdate(largeEdit(10)))
  for (const client of hostile) {
    await client.heard('sync:ack', ({ received, saved }) => received === 13 && saved === 13)
  }
})

test('STORE-16: what one board has to store, whoever made it, leaves room for all others', async ({
  stack,
  newBoard,
  whiteboard,
  ada,
  alan,
}) => {
  const MEBIBYTE = 1024 * 1024
  const boardId = await newBoard()
  const painters = [await whiteboard(0, ada, boardId), await whiteboard(0, alan, boardId)]
  const elsewhere = await whiteboard(0, alan, await newBoard())
  await stack.stopApi()
  try {
    for (let i = 0; i < 10; i++) {
      for (const { socket } of painters) socket.send(encodeUpdate(largeEdit(MEBIBYTE)))
    }
    for (const painter of painters) {
      await painter.heard('sync:ack', ({ received }) => received === 10)
    }
    const rejected = painters.flatMap(({ messages }) =>
      messages.flatMap((it) => (it.type === 'sync:rejected' ? [it.code] : [])),
    )
    expect(rejected).toEqual(Array(4).fill('storage_unavailable'))
    elsewhere.socket.send(encodeUpdate(largeEdit(MEBIBYTE)))
    await elsewhere.heard('sync:ack', ({ received }) => received === 1)
  } finally {
    await stack.startApi()
  }
  await elsewhere.heard('sync:ack', ({ saved }) => saved === 1)
  expect(elsewhere.messages.some(({ type }) => type === 'sync:rejected')).toBe(false)
})

describe('an answer that is lost after the commit', () => {
  test('STORE-14: does no harm: what is stored twice is there once', async ({
    startGateway,
    lossyProxy,
    whiteboard,
    storedUpdates,
    stack,
  }) => {
    const gateway = await startGateway({ apiUrl: lossyProxy.url, logLevel: 'error' })
    const painter = await whiteboard(gateway.realtimeUrl)
    const doc = syncDocument(painter)
    await eventually('the gateway has asked', () => painter.frames.length > 0)
    doc.getArray('strokes').push(['once'])
    await painter.heard('sync:ack', ({ saved }) => saved === 2)
    expect(lossyProxy.batches).toBe(2)
    expect(await storedUpdates()).toBe(2)
    for (const url of [gateway.realtimeUrl, stack.realtimeUrl]) {
      const client = await whiteboard(url)
      const reader = syncDocument(client)
      client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
      await eventually('a reader has it', () => reader.getArray('strokes').length > 0)
      expect(reader.getArray('strokes').toArray()).toEqual(['once'])
    }
  })
})

describe('updates that skip ahead', () => {
  test('SYNC-6: what builds on something unknown of another client is asked for, never stored', async ({
    raw,
    storedUpdates,
  }) => {
    const [ada, alan] = [new Doc(), new Doc()]
    ada.getArray('shapes').push(['of ada'])
    const base = encodeStateAsUpdate(ada)
    applyUpdate(alan, base)
    const before = encodeStateVector(alan)
    alan.getArray('shapes').push(['of alan'])
    const hanging = encodeStateAsUpdate(alan, before)

    const client = await raw()
    client.socket.send(encodeUpdate(hanging))
    await eventually('the gateway asks again', () => client.frames.length === 2)
    expect(await storedUpdates()).toBe(0)
    client.socket.send(encodeUpdate(base))
    client.socket.send(encodeUpdate(hanging))
    await eventually('both are stored', async () => (await storedUpdates()) === 2)
  })

  test('SYNC-13: many of them make one question at a time', async ({ raw, storedUpdates }) => {
    const updates: Uint8Array[] = []
    const doc = new Doc()
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let i = 0; i < 20; i++) doc.getArray('strokes').push([i])
    const client = await raw()
    for (const update of updates.slice(1)) client.socket.send(encodeUpdate(update))
    await eventually('the gateway asks again', () => client.frames.length === 2)
    client.socket.send(encodeUpdate(updates[0]!))
    await eventually('the first is stored', async () => (await storedUpdates()) === 1)
    expect(client.frames).toHaveLength(2)
  })
})
