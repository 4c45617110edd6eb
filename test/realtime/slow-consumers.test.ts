import type { Socket } from 'node:net'
import {
  CLOSE_CODES,
  type ClientMessage,
  decodeFrame,
  encodeSyncStep1,
  encodeUpdate,
  type Presence,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import {
  encodeClientFrame,
  eventually,
  OPCODES,
  openBareSocket,
  type SignedIn,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { expect } from 'vitest'
import { applyUpdate, Doc, encodeStateVector } from 'yjs'
import { testWithTeam } from '../support/fixtures.ts'

/** `SLOW_READERS=200` puts as many beside the one who does not read. */
const READERS = Number(process.env.SLOW_READERS ?? 200)

/** Bytes of one edit, and how many are drawn: past the send budget and what the kernel takes. */
const EDIT_BYTES = 128 * 1024
const EDITS = 140

/** How many are drawn before it stops reading, to compare with. */
const EDITS_BEFORE = 30

/** One person may have 100 connections to a gateway, and the next may come before the last went. */
const READERS_PER_PERSON = 40

/** What may come on top while one does not read: its budget, the document, and the garbage collector's. */
const MEMORY_MEGABYTES = 96

const test = testWithTeam(Math.ceil(READERS / READERS_PER_PERSON), { gateways: 0 })
  .extend('gateway', async ({ startGateway, boardId: _ }) => startGateway({ logLevel: 'error' }))
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])
  .extend(
    'openReader',
    ({ gateway, boardId }) =>
      async ({ accessToken }: SignedIn): Promise<Reader> => {
        const reader = { edits: 0, presence: 0, onEdit: () => undefined }
        let isLoaded = false
        const { socket } = await openBareSocket(`${gateway.realtimeUrl}/${boardId}`, {
          protocols: [SUBPROTOCOL, `bearer.${accessToken}`],
          onMessage(buffer, start, end, isText) {
            if (isText) {
              if (buffer.subarray(start, end).includes('"presence:sync"')) reader.presence++
              return
            }
            isLoaded = true
            if (end - start < EDIT_BYTES) return
            reader.edits++
            reader.onEdit()
          },
        })
        await eventually('the board is loaded', () => isLoaded)
        return Object.assign(reader, {
          destroy: () => socket.destroy(),
          point: (x: number) =>
            socket.write(
              encodeClientFrame(Buffer.from(JSON.stringify(pointingTo(x))), OPCODES.TEXT),
            ),
        })
      },
  )
  .extend(
    'joinReaders',
    ({ openReader, people, clients }) =>
      async (count: number): Promise<Reader[]> => {
        const readers = await Promise.all(
          Array.from({ length: count }, (_, i) => openReader(people[i % people.length]!)),
        )
        return readers.map(clients.keep)
      },
  )
  /** Draws so many edits. @returns how long each took to each reader, and the gateway's memory */
  .extend('drawMany', ({ gateway }) => async (painter: Painter, edits: number) => {
    painter.latencies = []
    const [reader] = painter.readers
    const presenceBefore = reader!.presence
    let megabytes = 0
    for (let i = 1; i <= edits; i++) {
      await painter.draw()
      if (i % 20 > 0 && i < edits) continue
      const bytes = await gateway.metric('process_resident_memory_bytes')
      megabytes = Math.max(megabytes, Math.round(bytes / 2 ** 20))
    }
    const p50 = quantile(painter.latencies, 0.5)
    const p99 = quantile(painter.latencies, 0.99)
    return { p50, p99, megabytes, presence: reader!.presence - presenceBefore }
  })
test.afterEach(async ({ gateway, clients }) => {
  clients.endAll()
  expect(await gateway.stop()).toBe(0)
  expect(gateway.output()).toBe('')
})

/** The TCP socket below a WebSocket. Paused, it leaves what arrives to the kernel, which fills. */
const lineOf = (client: WhiteboardClient) =>
  (client.socket as unknown as { _socket: Socket })._socket

const quantile = (values: number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? Number.NaN

/** Somebody who reads along and points at things, as bytes: there are too many for real clients. */
interface Reader {
  /** Edits of the painter read so far. */
  edits: number
  /** Presence frames read so far. */
  presence: number
  onEdit: () => void
  point(x: number): void
  destroy(): void
}

const pointingTo = (x: number) =>
  ({ type: 'presence:update', cursor: { x, y: 0 }, selection: [] }) satisfies ClientMessage

/** Draws on a board, one edit after another as soon as all readers have the one before. */
class Painter {
  readonly doc = new Doc()
  readonly readers: Reader[]
  latencies: number[] = []
  readonly #client: WhiteboardClient
  #edit: Uint8Array = new Uint8Array()
  #drawn = 0

  constructor(client: WhiteboardClient, readers: Reader[]) {
    this.#client = client
    this.readers = readers
    this.doc.on('update', (update: Uint8Array) => {
      this.#edit = update
    })
  }

  async draw(bytes = EDIT_BYTES): Promise<void> {
    this.doc.getArray('strokes').push([new Uint8Array(bytes).fill(this.#drawn++)])
    const startedAt = performance.now()
    const read = this.readers.map(
      (reader) =>
        new Promise<void>((resolve) => {
          reader.onEdit = () => {
            this.latencies.push(performance.now() - startedAt)
            resolve()
          }
        }),
    )
    this.#client.socket.send(encodeUpdate(this.#edit))
    // Everybody points at it, so that presence flows, too.
    for (const [i, reader] of this.readers.entries()) {
      if ((i + this.#drawn) % 10 === 0) reader.point(this.#drawn)
    }
    await Promise.all(read)
  }
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

test('LIM-7 PRES-8: one of many who does not read is closed with 4508, costs the others nothing, and catches up', async ({
  annotate,
  whiteboard,
  joinReaders,
  drawMany,
  gateway,
}) => {
  const stalled = await whiteboard()
  const painter = new Painter(await whiteboard(), await joinReaders(READERS))
  await painter.draw()
  const before = await drawMany(painter, EDITS_BEFORE)
  lineOf(stalled).pause()
  const heardBefore = stalled.messages.length
  const during = await drawMany(painter, EDITS)
  const figures = JSON.stringify({ readers: READERS, before, during })
  await annotate(figures)
  expect(await gateway.metric('realtime_closes_total{code="4508"}')).toBe(1)
  expect(await gateway.metric('realtime_connections')).toBe(READERS + 1)
  // One more, which it cannot have been sent.
  await painter.draw()
  expect(await gateway.metric('realtime_presence_shed_total')).toBeGreaterThan(0)
  expect(during.p99, figures).toBeLessThan(3 * before.p99 + 100)
  expect(during.megabytes, figures).toBeLessThan(before.megabytes + MEMORY_MEGABYTES)

  lineOf(stalled).resume()
  expect(await stalled.closeCode()).toBe(CLOSE_CODES.TOO_SLOW)
  const heardOf = stalled.messages.slice(heardBefore).filter(({ type }) => type === 'presence:sync')
  expect(heardOf.length, figures).toBeLessThan(during.presence / 2)
  // It comes back with what it had got by then, and is sent the rest alone.
  const doc = new Doc()
  take(doc, stalled)
  const strokes = doc.getArray('strokes').length
  expect(strokes).toBeGreaterThan(1)
  expect(strokes).toBeLessThan(painter.doc.getArray('strokes').length)
  const back = await whiteboard()
  back.socket.send(encodeSyncStep1(encodeStateVector(doc)))
  await converges(doc, back, painter)
})

test('LIM-7 PRES-8: a client that reads again in time gets what was withheld, and missed no edit', async ({
  whiteboard,
  joinReaders,
  gateway,
}) => {
  const pointer = await whiteboard()
  const painter = new Painter(await whiteboard(), await joinReaders(1))
  const { connectionId } = await pointer.heard('hello')
  const slow = await whiteboard()
  await painter.draw()
  lineOf(slow).pause()
  const shed = () => gateway.metric('realtime_presence_shed_total')
  while ((await shed()) === 0) await painter.draw(256 * 1024)
  const before = await shed()
  pointer.say(pointingTo(12_345))
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

test('CAST-9: a client that is behind misses the broadcasts sent meanwhile, and receives later ones', async ({
  whiteboard,
  joinReaders,
  gateway,
}) => {
  const speaker = await whiteboard()
  const painter = new Painter(await whiteboard(), await joinReaders(1))
  const slow = await whiteboard()
  await painter.draw()
  lineOf(slow).pause()
  const shed = () => gateway.metric('realtime_presence_shed_total')
  while ((await shed()) === 0) await painter.draw(256 * 1024)
  speaker.say({ type: 'broadcast', event: 'wave', payload: 'meanwhile', self: true })
  await speaker.heard('broadcast')

  lineOf(slow).resume()
  await converges(new Doc(), slow, painter)
  speaker.say({ type: 'broadcast', event: 'wave', payload: 'after' })
  await slow.heard('broadcast', ({ payload }) => payload === 'after')
  expect(slow.messages.filter(({ type }) => type === 'broadcast')).toHaveLength(1)
  expect(slow.closed).toBeUndefined()
})

test('DRAFT-8: a client that is behind misses what is new of drafts meanwhile, and no edit', async ({
  whiteboard,
  joinReaders,
  gateway,
}) => {
  const drawer = await whiteboard()
  const painter = new Painter(await whiteboard(), await joinReaders(1))
  const slow = await whiteboard()
  const draft = (version: number) =>
    drawer.say({ type: 'draft:update', drafts: [{ id: 'stroke', version, value: version }] })
  const versionsOf = ({ messages }: WhiteboardClient) =>
    messages
      .flatMap((message) => (message.type === 'draft:sync' ? message.drafts : []))
      .map(({ change }) => ('version' in change ? change.version : undefined))
  await painter.draw()
  lineOf(slow).pause()
  const shed = () => gateway.metric('realtime_presence_shed_total')
  while ((await shed()) === 0) await painter.draw(256 * 1024)
  const before = await shed()
  draft(1)
  await eventually('it is withheld', async () => (await shed()) > before)

  lineOf(slow).resume()
  await converges(new Doc(), slow, painter)
  draft(2)
  await eventually('the next arrives', () => versionsOf(slow).includes(2))
  expect(versionsOf(slow)).toEqual([2])
  expect(slow.closed).toBeUndefined()
  expect(await gateway.metric('realtime_drafts_total{outcome="accepted"}')).toBe(2)
})
