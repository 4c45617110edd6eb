import type { Socket } from 'node:net'
import {
  CLOSE_CODES,
  decodeFrame,
  encodeSyncStep1,
  encodeUpdate,
  inspectUpdate,
  type Presence,
} from '@mindfuse/protocol'
import {
  connectWhiteboard,
  createBoard,
  eventually,
  type SignedIn,
  signIn,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { applyUpdate, Doc, encodeStateVector } from 'yjs'
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.ts'
import { type Stack, startStack } from './support/stack.ts'

/** `SLOW_READERS=200` puts as many beside the one who does not read. */
const READERS = Number(process.env.SLOW_READERS ?? 60)

/** Bytes of one edit, and how many are drawn: past the send budget and what the kernel takes. */
const EDIT_BYTES = 128 * 1024
const EDITS = 110

let stack: Stack
let gateway: GatewayProcess
let ada: SignedIn
let boardId: string
const clients: { destroy(): void }[] = []

beforeAll(async () => {
  stack = await startStack({ gateways: 0 })
  ada = await signIn(stack.apiUrl, 'ada@example.com')
})
afterAll(() => stack.stop())
beforeEach(async () => {
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
  gateway = await startGatewayProcess(stack, { logLevel: 'error' })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  expect(await gateway.stop()).toBe(0)
  expect(gateway.output()).toBe('')
})

async function join(): Promise<WhiteboardClient> {
  const { realtimeUrl } = gateway
  const client = await connectWhiteboard({ realtimeUrl, boardId, token: ada.accessToken })
  clients.push(client)
  await eventually('the board is loaded', () => client.frames.length > 0)
  return client
}

/** The TCP socket below a WebSocket. Paused, it leaves what arrives to the kernel, which fills. */
const lineOf = (client: WhiteboardClient) =>
  (client.socket as unknown as { _socket: Socket })._socket

const quantile = (values: number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? Number.NaN

/** Draws on a board, one edit after another as soon as all readers have the one before. */
class Painter {
  readonly doc = new Doc()
  readonly latencies: number[] = []
  readonly #client: WhiteboardClient
  readonly #readers: WhiteboardClient[]
  #edit: Uint8Array = new Uint8Array()
  #drawn = 0

  constructor(client: WhiteboardClient, readers: WhiteboardClient[]) {
    this.#client = client
    this.#readers = readers
    this.doc.on('update', (update: Uint8Array) => {
      this.#edit = update
    })
  }

  async draw(bytes = EDIT_BYTES): Promise<void> {
    this.doc.getArray('strokes').push([new Uint8Array(bytes).fill(this.#drawn++)])
    const { to = 0 } = inspectUpdate(this.#edit).ranges[0]!
    const startedAt = performance.now()
    const read = this.#readers.map((reader) =>
      untilFrame(reader, (frame) => endOf(frame) >= to).then(() => {
        this.latencies.push(performance.now() - startedAt)
      }),
    )
    this.#client.socket.send(encodeUpdate(this.#edit))
    // Everybody points at it, so that presence flows, too.
    for (const [i, reader] of this.#readers.entries()) {
      if ((i + this.#drawn) % 10 === 0) pointTo(reader, this.#drawn)
    }
    await Promise.all(read)
    // What was read is of no further use, and it is a lot.
    for (const { frames } of this.#readers) frames.length = 0
  }
}

const pointTo = (client: WhiteboardClient, x: number) =>
  client.say({ type: 'presence:update', cursor: { x, y: 0 }, selection: [] })

/** The clock up to which a frame has edits. */
function endOf(bytes: Uint8Array): number {
  const frame = decodeFrame(bytes)
  return frame.kind === 'update' ? (inspectUpdate(frame.update).ranges[0]?.to ?? 0) : 0
}

function untilFrame(client: WhiteboardClient, fits: (frame: Uint8Array) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: Buffer, isBinary: boolean) => {
      if (!isBinary || !fits(new Uint8Array(data))) return
      client.socket.off('message', look)
      resolve()
    }
    client.socket.on('message', look)
  })
}

/** Applies everything a client heard of the document. */
function take(doc: Doc, { frames }: WhiteboardClient): void {
  for (const bytes of frames.splice(0)) {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'update' || frame.kind === 'sync-step-2') applyUpdate(doc, frame.update)
  }
}

async function converges(doc: Doc, client: WhiteboardClient, painter: Painter): Promise<void> {
  await eventually('it has everything', () => {
    take(doc, client)
    return doc.getArray('strokes').length === painter.doc.getArray('strokes').length
  })
  expect(encodeStateVector(doc)).toEqual(encodeStateVector(painter.doc))
}

/** A board full of readers while somebody draws. @returns what it took */
async function drawEverything(options: { beside?: WhiteboardClient } = {}) {
  const readers = await Promise.all(Array.from({ length: READERS }, join))
  const painter = new Painter(await join(), readers)
  await painter.draw()
  painter.latencies.length = 0
  if (options.beside) lineOf(options.beside).pause()
  let megabytes = 0
  for (let i = 0; i < EDITS; i++) {
    await painter.draw()
    if (i % 20 > 0) continue
    const bytes = await gateway.metric('process_resident_memory_bytes')
    megabytes = Math.max(megabytes, Math.round(bytes / 2 ** 20))
  }
  const p50 = quantile(painter.latencies, 0.5)
  const p99 = quantile(painter.latencies, 0.99)
  return { painter, readers, figures: { p50, p99, megabytes } }
}

const heardPresence = ({ messages }: WhiteboardClient) =>
  messages.filter(({ type }) => type === 'presence:sync').length

test('one who does not read is closed with 4508, costs the others nothing, and catches up', async () => {
  const alone = await drawEverything()
  for (const client of clients.splice(0)) client.destroy()
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
  await gateway.stop()
  gateway = await startGatewayProcess(stack, { logLevel: 'error' })

  const stalled = await join()
  const { painter, readers, figures } = await drawEverything({ beside: stalled })
  const comparison = JSON.stringify({ readers: READERS, without: alone.figures, with: figures })
  process.stdout.write(`${comparison}\n`)
  expect(await gateway.metric('realtime_closes_total{code="4508"}')).toBe(1)
  expect(await gateway.metric('realtime_connections')).toBe(READERS + 1)
  expect(await gateway.metric('realtime_presence_shed_total')).toBeGreaterThan(0)
  expect(figures.p99, comparison).toBeLessThan(3 * alone.figures.p99 + 100)
  // Its budget is 8 MB; the rest is the garbage collector's.
  expect(figures.megabytes, comparison).toBeLessThan(alone.figures.megabytes + 64)
  for (const reader of readers) expect(reader.closed).toBeUndefined()

  lineOf(stalled).resume()
  expect(await stalled.closeCode()).toBe(CLOSE_CODES.TOO_SLOW)
  expect(heardPresence(stalled)).toBeLessThan(heardPresence(readers[0]!) / 2)
  // It comes back with what it had got by then, and is sent the rest alone.
  const doc = new Doc()
  take(doc, stalled)
  const strokes = doc.getArray('strokes').length
  expect(strokes).toBeGreaterThan(1)
  expect(strokes).toBeLessThan(EDITS)
  const back = await join()
  back.socket.send(encodeSyncStep1(encodeStateVector(doc)))
  await converges(doc, back, painter)
})

test('one who reads again in time is told anew what was withheld, and missed no edit', async () => {
  const reader = await join()
  const painter = new Painter(await join(), [reader])
  const slow = await join()
  const { connectionId } = await reader.heard('hello')
  await painter.draw()
  lineOf(slow).pause()
  const shed = () => gateway.metric('realtime_presence_shed_total')
  while ((await shed()) === 0) await painter.draw(256 * 1024)
  pointTo(reader, 12_345)
  const before = await shed()
  await eventually('the newest is withheld, too', async () => (await shed()) > before)
  const heard = slow.messages.length

  lineOf(slow).resume()
  const isNewest = (presence: Presence) =>
    presence.connectionId === connectionId && presence.cursor?.x === 12_345
  await slow.heard('presence:sync', ({ full, presences }) => !!full && presences.some(isNewest))
  expect(slow.messages.length).toBeGreaterThan(heard)
  expect(slow.closed).toBeUndefined()
  await converges(new Doc(), slow, painter)
})
