import { randomUUID } from 'node:crypto'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState } from '@mindfuse/shared-state'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { EditLedger } from '../connection/edit-ledger.ts'
import { BoardRelay } from '../relay/board-relay.ts'
import { encodeRelayedRange, RELAY_KINDS } from '../relay/envelope.ts'
import { BoardQueue } from '../storage/board-queue.ts'
import { type EditOrigin, EditStorage } from './edit-storage.ts'
import { OVERDUE_MS } from './unconfirmed-edits.ts'

const GATEWAYS = [randomUUID(), randomUUID()]

/** An edit on the board, and whether this gateway knows that it is stored. */
interface BoardEdit {
  update: Uint8Array
  gateway?: number
  isStored: boolean
}

/** A client that records its acknowledgements. */
class Client {
  readonly userId = randomUUID()
  readonly ledger = new EditLedger()
  /** What each of its frames may build on, in their order. */
  readonly frames: BoardEdit[][] = []
  readonly acknowledged: number[] = []

  acknowledgeNow(): void {
    this.acknowledged.push(this.ledger.position.saved)
  }
}

/** A board, whose batches are stored when a test calls `store`. */
class Board {
  readonly edits: BoardEdit[] = []
  readonly clients = [new Client(), new Client()]
  readonly queue: BoardQueue<EditOrigin>
  readonly storage: EditStorage
  readonly #sequences = GATEWAYS.map(() => 0)
  #sequence = 0
  #seq = 0

  constructor() {
    this.queue = new BoardQueue<EditOrigin>(
      'board',
      { onStored: ({ updates }) => this.storage.confirm(updates), onRefused: () => undefined },
      { onQueued: () => undefined, onReleased: () => undefined },
    )
    const relay = new BoardRelay(
      {
        topic: 'board',
        gatewayId: randomUUID(),
        relay: createMemorySharedState().relay,
        log: createLogger({ service: 'test', level: 'silent' }),
      },
      { onMessage: () => undefined, onBroadcast: () => undefined, onGap: () => undefined },
    )
    this.storage = new EditStorage({ queue: this.queue, relay })
  }

  frame(from: number, { isNew }: { isNew: boolean }): void {
    const client = this.clients[from]!
    client.ledger.addPending(client.ledger.receive())
    const sender = client as unknown as Connection
    if (isNew) {
      const edit = this.#edit()
      client.frames.push([...this.edits])
      this.storage.add(sender, edit.update, { sequence: ++this.#sequence, isRelayed: true })
    } else {
      client.frames.push([...this.edits])
      this.storage.repeat(sender)
    }
  }

  relayed(gateway: number): void {
    const { update } = this.#edit(gateway)
    const sequence = ++this.#sequences[gateway]!
    this.storage.addRelayed(GATEWAYS[gateway]!, sequence, { userId: randomUUID(), update })
  }

  /** A gateway sends that its first edits are stored, up to a share of them. */
  confirmed(gateway: number, share: number): void {
    const last = Math.ceil(share * this.#sequences[gateway]!)
    for (const edit of this.edits.filter((it) => it.gateway === gateway).slice(0, last)) {
      edit.isStored = true
    }
    this.storage.confirmRelayed(GATEWAYS[gateway]!, encodeRelayedRange({ first: 1, last }))
  }

  read(share: number): void {
    const read = this.edits.slice(0, Math.ceil(share * this.edits.length))
    for (const edit of read) if (edit.gateway !== undefined) edit.isStored = true
    this.storage.confirmRead(read.map(({ update }) => update))
  }

  takeOver(gateway: number): void {
    this.storage.takeOver(GATEWAYS[gateway]!)
  }

  /** A batch of at most this many bytes is sent and stored. */
  store(maxBytes: number): void {
    this.queue.fillBatch(maxBytes, { atLeastOne: true })
    const { updates } = this.queue.batch
    if (updates.length === 0) return
    const stored = new Set(updates.map(({ update }) => Buffer.from(update).toString('hex')))
    for (const edit of this.edits) {
      if (stored.has(Buffer.from(edit.update).toString('hex'))) edit.isStored = true
    }
    this.#seq += updates.length
    this.queue.confirm({ seq: this.#seq, incarnation: undefined })
  }

  /** How many frames of each client are saved: those in whose past everything is stored. */
  get saved(): number[] {
    return this.clients.map(({ frames }) => {
      const open = frames.findIndex((past) => past.some(({ isStored }) => !isStored))
      return open < 0 ? frames.length : open
    })
  }

  #edit(gateway?: number): BoardEdit {
    const update = Buffer.alloc(4)
    update.writeUInt32BE(this.edits.length)
    const edit = { update, isStored: false, ...(gateway !== undefined && { gateway }) }
    this.edits.push(edit)
    return edit
  }
}

type Step = (board: Board) => unknown

const gateway = fc.nat(GATEWAYS.length - 1)
const share = fc.double({ min: 0, max: 1, noNaN: true })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(1), fc.boolean()).map(
      ([from, isNew]): Step =>
        (board) =>
          board.frame(from, { isNew }),
    ),
  },
  {
    weight: 3,
    arbitrary: gateway.map(
      (i): Step =>
        (board) =>
          board.relayed(i),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 20, max: 100 }).map(
      (bytes): Step =>
        (board) =>
          board.store(bytes),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(gateway, share).map(
      ([i, part]): Step =>
        (board) =>
          board.confirmed(i, part),
    ),
  },
  {
    weight: 1,
    arbitrary: share.map(
      (part): Step =>
        (board) =>
          board.read(part),
    ),
  },
  {
    weight: 1,
    arbitrary: gateway.map(
      (i): Step =>
        (board) =>
          board.takeOver(i),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(OVERDUE_MS).map(
      (ms): Step =>
        () =>
          vi.advanceTimersByTimeAsync(ms),
    ),
  },
)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('ACK-3: each frame is saved once all is stored that was on the board when it came, and is acknowledged once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const board = new Board()
      const check = async (it: Step) => {
        await it(board)
        // Acknowledgements of one turn leave together at its end.
        await vi.advanceTimersByTimeAsync(0)
        board.clients.forEach(({ ledger, acknowledged }, i) => {
          const { saved } = ledger.position
          expect(saved).toBeLessThanOrEqual(board.saved[i]!)
          // An edit that was taken over and then read counts as stored once it left the queue.
          if (!board.queue.hasUnsaved) expect(saved).toBe(board.saved[i]!)
          expect(acknowledged.at(-1) ?? 0).toBe(saved)
          expect(acknowledged).toEqual([...new Set(acknowledged)].sort((a, b) => a - b))
        })
      }
      for (const it of steps) await check(it)

      // The other gateways confirm no more: what is overdue is stored from here.
      for (let i = 0; i < 3 || board.queue.hasUnsaved; i++) {
        await check(() => vi.advanceTimersByTimeAsync(OVERDUE_MS))
        await check(() => board.store(1_000_000))
      }
      expect(board.saved).toEqual(board.clients.map(({ frames }) => frames.length))
    }),
    { numRuns: 300 },
  )
})

test('a board whose edits are refused saves no frame, and waits for nothing', async () => {
  const board = new Board()
  board.relayed(0)
  board.frame(0, { isNew: true })
  board.storage.abandon()
  board.store(1_000)
  await vi.advanceTimersByTimeAsync(10 * OVERDUE_MS)
  expect(board.clients[0]!.acknowledged).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
  expect(board.queue.hasUnsaved).toBe(false)
})

test('RELAY-1: an edit that was not relayed is announced behind a gap once it is stored', async () => {
  const { relay } = createMemorySharedState()
  const log = createLogger({ service: 'test', level: 'silent' })
  const boardId = randomUUID()
  const heard: string[] = []
  const open = async (gatewayId: string, seen: string[]) => {
    const channel = new BoardRelay(
      { topic: boardId, gatewayId, relay, log },
      {
        onMessage: ({ kind }) => seen.push(`message ${kind}`),
        onBroadcast: () => undefined,
        onGap: () => seen.push('gap'),
      },
    )
    await channel.open()
    return channel
  }
  const own = await open(randomUUID(), [])
  const other = await open(randomUUID(), heard)
  other.send(RELAY_KINDS.QUERY, new Uint8Array())
  own.send(RELAY_KINDS.QUERY, new Uint8Array())
  await vi.waitFor(() => expect(heard).toHaveLength(1))

  const queue: BoardQueue<EditOrigin> = new BoardQueue<EditOrigin>(
    boardId,
    { onStored: ({ updates }) => storage.confirm(updates), onRefused: () => undefined },
    { onQueued: () => undefined, onReleased: () => undefined },
  )
  const storage = new EditStorage({ queue, relay: own })
  const add = (isRelayed: boolean) => {
    const relayed = { sequence: own.sequence, isRelayed }
    storage.add(new Client() as unknown as Connection, new Uint8Array(10), relayed)
    queue.fillBatch(Number.POSITIVE_INFINITY, { atLeastOne: true })
  }
  add(false)
  expect(heard).toHaveLength(1)
  queue.confirm({ seq: 1, incarnation: undefined })
  await vi.waitFor(() => expect(heard).toHaveLength(3))
  expect(heard.slice(1)).toEqual([`message ${RELAY_KINDS.STORED}`, 'gap'])

  own.send(RELAY_KINDS.QUERY, new Uint8Array())
  add(true)
  queue.confirm({ seq: 2, incarnation: undefined })
  await vi.waitFor(() => expect(heard).toHaveLength(5))
  expect(heard.slice(3)).toEqual([`message ${RELAY_KINDS.QUERY}`, `message ${RELAY_KINDS.STORED}`])
})
