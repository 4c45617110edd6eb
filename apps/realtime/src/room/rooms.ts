import type { CloseCode, ServerMessage } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import type { UnreadDocuments } from '../connection/unread-documents.ts'
import type { DeliveryClock } from '../delivery/delivery-clock.ts'
import type { Metrics } from '../metrics.ts'
import { BoardMemory, type BoardRoom } from '../person/board-memory.ts'
import type { People } from '../person/people.ts'
import { RelayedBytes } from '../relay/relayed-bytes.ts'
import type { ApiClient } from '../storage/api-client.ts'
import { Batcher } from '../storage/batcher.ts'
import { ClosedBoards } from './closed-boards.ts'
import { Restorations } from './restorations.ts'
import { Room } from './room.ts'

/** What rooms need from the gateway. */
export interface RoomsDeps {
  gatewayId: string
  api: ApiClient
  sharedState: SharedState
  people: People
  /** Most bytes of open boards; half of the memory by default. */
  maxBoardBytes?: number | undefined
  unread: UnreadDocuments
  metrics: Metrics
  log: Logger
  clock: DeliveryClock
}

/**
 * The open boards. A room opens with its first connection, and is removed when nobody is connected
 * and all of its edits are stored: until then the stored document lacks some of them.
 */
export class Rooms {
  readonly #deps: RoomsDeps
  readonly #rooms = new Map<string, Room>()
  readonly #batcher: Batcher
  readonly #memory: BoardMemory<Room>
  readonly #relayedBytes = new RelayedBytes()
  readonly #restorations = new Restorations()
  /** Boards that were closed, with nobody left on them. */
  readonly closed = new ClosedBoards()

  constructor(deps: RoomsDeps) {
    this.#deps = deps
    const { people, maxBoardBytes } = deps
    this.#memory = new BoardMemory({ people, ...(maxBoardBytes && { maxBytes: maxBoardBytes }) })
    this.#batcher = new Batcher({
      api: deps.api,
      log: deps.log,
      people: deps.people,
      events: {
        onBatch: ({ updates, seconds }) => {
          deps.metrics.batchUpdates.observe(updates)
          deps.metrics.storing.observe(seconds)
        },
        onDelayed: () => this.#sendStorageState(),
      },
    })
  }

  get size(): number {
    return this.#rooms.size
  }

  /** Boards that reached the first of `BOARD_SIZE_STEPS`. */
  get nearlyFull(): number {
    return [...this.#rooms.values()].filter(({ isNearlyFull }) => isNearlyFull).length
  }

  /** Age of the oldest edit that is not stored yet, milliseconds. */
  get oldestUnsavedMs(): number {
    return this.#batcher.oldestUnsavedMs
  }

  /** Bytes of edits that are not stored yet. */
  get unsavedBytes(): number {
    return this.#batcher.unsavedBytes
  }

  /** Bytes of the open boards, and how many there may be. */
  get memory(): { bytes: number; maxBytes: number } {
    return this.#memory
  }

  /** Whether a board may be opened for a person; one that is open already always may. */
  roomFor(boardId: string, userId: string): BoardRoom {
    return this.#rooms.has(boardId) ? 'free' : this.#memory.roomFor(userId)
  }

  get all(): Iterable<Room> {
    return this.#rooms.values()
  }

  get(boardId: string): Room | undefined {
    return this.#rooms.get(boardId)
  }

  join(connection: Connection): Room {
    const { boardId } = connection
    const room = this.#rooms.get(boardId) ?? this.#open(boardId, connection.userId)
    room.join(connection)
    if (this.#batcher.isDelayed) connection.sendMessage(this.#storageMessage)
    return room
  }

  leave(connection: Connection, room: Room): void {
    room.leave(connection)
    this.#removeIfIdle(room)
  }

  /** Closes every connection of every room. */
  closeAll(code: CloseCode, reason: string): void {
    for (const room of [...this.#rooms.values()]) room.close(code, reason)
  }

  /** Resolves once every accepted edit is stored. */
  async flush(): Promise<void> {
    this.#deps.clock.flush()
    await this.#batcher.flush()
    await Promise.all(Array.from(this.#rooms.values(), ({ restored }) => restored))
  }

  get #storageMessage(): ServerMessage {
    return { type: 'storage', state: this.#batcher.isDelayed ? 'delayed' : 'ok' }
  }

  #sendStorageState(): void {
    for (const room of this.#rooms.values()) room.sendMessage(this.#storageMessage)
  }

  #open(boardId: string, openedBy: string): Room {
    const { sharedState, gatewayId, api, unread, people, clock, metrics, log } = this.#deps
    const room = new Room(boardId, {
      gatewayId,
      api,
      unread,
      people,
      metrics,
      log,
      batcher: this.#batcher,
      memory: this.#memory,
      restorations: this.#restorations,
      openedBy,
      relay: sharedState.relay,
      relayedBytes: this.#relayedBytes,
      presenceStore: sharedState.presence,
      clock,
      onClosed: () => {
        // The next connection opens a new room, which loads the board again.
        if (this.#rooms.get(boardId) === room) this.#forget(room)
      },
      onAllStored: () => this.#removeIfIdle(room),
    })
    this.#rooms.set(boardId, room)
    this.closed.delete(boardId)
    return room
  }

  #removeIfIdle(room: Room): void {
    const { boardId, position } = room
    if (this.#rooms.get(boardId) !== room || !room.isIdle) return
    this.#forget(room)
    if (position) this.closed.add(boardId, position)
  }

  #forget(room: Room): void {
    this.#rooms.delete(room.boardId)
    room.dispose()
  }
}
