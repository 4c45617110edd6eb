import { CLOSE_CODES, type CloseCode, type ServerMessage } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import { DeliveryClock } from '../delivery/delivery-clock.ts'
import type { Metrics } from '../metrics.ts'
import type { ApiClient } from '../storage/api-client.ts'
import { UpdateWriter } from '../storage/update-writer.ts'
import { Room } from './room.ts'

/** What the rooms of a gateway are made from. */
export interface RoomsDeps {
  gatewayId: string
  api: ApiClient
  sharedState: SharedState
  metrics: Metrics
  log: Logger
  /** See `DeliveryClock`. */
  tickMs?: number | undefined
}

/**
 * The open boards. A room opens with its first connection and goes when nobody is in it and all
 * of its edits are stored: until then the stored document alone would be behind.
 */
export class Rooms {
  readonly #deps: RoomsDeps
  readonly #rooms = new Map<string, Room>()
  readonly #clock: DeliveryClock
  readonly #writer: UpdateWriter

  constructor(deps: RoomsDeps) {
    this.#deps = deps
    this.#clock = new DeliveryClock({ tickMs: deps.tickMs })
    this.#writer = new UpdateWriter({
      api: deps.api,
      log: deps.log,
      events: {
        onStored: (boardId, seq, count) => this.#rooms.get(boardId)?.stored(seq, count),
        onRefused: (boardId, why) => {
          const room = this.#rooms.get(boardId)
          if (why === 'board_gone') room?.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
          else room?.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'edits could not be stored')
        },
        onBoardSaved: (boardId) => this.#removeIfIdle(boardId),
        onBatch: ({ updates, seconds }) => {
          deps.metrics.batchUpdates.observe(updates)
          deps.metrics.storing.observe(seconds)
        },
        onDelayed: () => this.#tellOfStorage(),
      },
    })
  }

  get size(): number {
    return this.#rooms.size
  }

  /** How long the oldest edit has been waiting to be stored, milliseconds. */
  get oldestUnsavedMs(): number {
    return this.#writer.oldestUnsavedMs
  }

  /** Bytes of edits that are not stored yet. */
  get unsavedBytes(): number {
    return this.#writer.unsavedBytes
  }

  get all(): Iterable<Room> {
    return this.#rooms.values()
  }

  get(boardId: string): Room | undefined {
    return this.#rooms.get(boardId)
  }

  join(connection: Connection): Room {
    const { boardId } = connection
    const room = this.#rooms.get(boardId) ?? this.#open(boardId)
    room.join(connection)
    if (this.#writer.isDelayed) connection.sendMessage(this.#storageMessage)
    return room
  }

  leave(connection: Connection, room: Room): void {
    room.leave(connection)
    if (this.#rooms.get(room.boardId) === room) this.#removeIfIdle(room.boardId)
  }

  /** Closes every connection of every room. */
  closeAll(code: CloseCode, reason: string): void {
    for (const room of [...this.#rooms.values()]) room.close(code, reason)
  }

  /** Resolves once every accepted edit is stored. */
  flush(): Promise<void> {
    this.#clock.flush()
    return this.#writer.flush()
  }

  get #storageMessage(): ServerMessage {
    return { type: 'storage', state: this.#writer.isDelayed ? 'delayed' : 'ok' }
  }

  #tellOfStorage(): void {
    for (const room of this.#rooms.values()) room.tell(this.#storageMessage)
  }

  #open(boardId: string): Room {
    const { sharedState, gatewayId, api, metrics, log } = this.#deps
    const room = new Room(boardId, {
      gatewayId,
      api,
      metrics,
      log,
      writer: this.#writer,
      relay: sharedState.relay,
      presenceStore: sharedState.presence,
      clock: this.#clock,
      onClosed: () => {
        // Whoever comes next gets a fresh room and a fresh load.
        if (this.#rooms.get(boardId) === room) this.#forget(room)
      },
    })
    this.#rooms.set(boardId, room)
    return room
  }

  #removeIfIdle(boardId: string): void {
    const room = this.#rooms.get(boardId)
    if (room?.isEmpty && !this.#writer.hasUnsaved(boardId)) this.#forget(room)
  }

  #forget(room: Room): void {
    this.#rooms.delete(room.boardId)
    room.dispose()
  }
}
