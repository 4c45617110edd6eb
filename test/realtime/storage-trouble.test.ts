import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { encodeSyncStep1, encodeUpdate } from '@mindfuse/protocol'
import {
  connectRaw,
  connectWhiteboard,
  createBoard,
  eventually,
  type SignedIn,
  signIn,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { speakYjs } from '../support/pen.ts'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let ada: SignedIn
let boardId: string
const clients: { destroy(): void }[] = []

beforeAll(async () => {
  stack = await startStack()
  ada = await signIn(stack.apiUrl, 'ada@example.com')
})
afterAll(() => stack.stop())
beforeEach(async () => {
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
})
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})

async function whiteboard(realtimeUrl = stack.realtimeUrl) {
  const client = await connectWhiteboard({ realtimeUrl, boardId, token: ada.accessToken })
  clients.push(client)
  return client
}

const storedUpdates = async () => {
  const text = 'SELECT count(*) FROM board_updates WHERE board_id = $1'
  return Number((await stack.database.query(text, [boardId]))[0].count)
}

test('STORE-13: clients hear that storing is delayed and when it is over; saved stands still meanwhile', async () => {
  const painter = await whiteboard()
  const doc = speakYjs(painter)
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

describe('an answer that is lost after the commit', () => {
  let proxy: Server
  let gateway: GatewayProcess
  let batches: number

  /** Hands everything on to the API, and the answer back, but for the first batch's. */
  beforeEach(async () => {
    batches = 0
    proxy = createServer((from, to) => {
      const isBatch = from.url === '/internal/updates'
      if (isBatch) batches++
      const isLost = isBatch && batches === 1
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
    const { port } = proxy.address() as { port: number }
    gateway = await startGatewayProcess(stack, {
      apiUrl: `http://127.0.0.1:${port}`,
      logLevel: 'error',
    })
  })
  afterEach(async () => {
    await gateway.stop()
    await new Promise((resolve) => proxy.close(resolve))
  })

  test('STORE-14: does no harm: what is stored twice is there once', async () => {
    const painter = await whiteboard(gateway.realtimeUrl)
    const doc = speakYjs(painter)
    await eventually('the gateway has asked', () => painter.frames.length > 0)
    doc.getArray('strokes').push(['once'])
    await painter.heard('sync:ack', ({ saved }) => saved === 2)
    expect(batches).toBe(2)
    expect(await storedUpdates()).toBe(2)
    for (const url of [gateway.realtimeUrl, stack.realtimeUrl]) {
      const client = await whiteboard(url)
      const reader = speakYjs(client)
      client.socket.send(encodeSyncStep1(Uint8Array.of(0)))
      await eventually('a reader has it', () => reader.getArray('strokes').length > 0)
      expect(reader.getArray('strokes').toArray()).toEqual(['once'])
    }
  })
})

describe('updates that skip ahead', () => {
  async function raw() {
    const client = await connectRaw(`${stack.realtimeUrl}/${boardId}?token=${ada.accessToken}`)
    clients.push(client)
    await eventually('the gateway asks at first', () => client.frames.length === 1)
    return client
  }

  test('SYNC-6: what builds on something unknown of another client is asked for, never stored', async () => {
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

  test('SYNC-13: many of them make one question at a time', async () => {
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
