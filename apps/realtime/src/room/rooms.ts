import { CLOSE_CODES, type CloseCode } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import type { ApiClient } from '../storage/api-client.ts'
import { UpdateWriter } from '../storage/update-writer.ts'
import { Room } from './room.ts'

/**
 * The open boards. A room opens with its first connection and goes when nobody is in it and all
 * of its edits are stored: until then the stored document alone would be behind.
 */
export class Rooms {
  readonly #deps: { api: ApiClient; log: Logger }
  readonly #rooms = new Map<string, Room>()
  readonly #writer: UpdateWriter

  constructor(deps: { api: ApiClient; log: Logger }) {
    this.#deps = deps
    this.#writer = new UpdateWriter({
      ...deps,
      events: {
        onBoardGone: (boardId) =>
          this.#rooms.get(boardId)?.close(CLOSE_CODES.BOARD_GONE, 'the board is gone'),
        onBoardSaved: (boardId) => this.#removeIfIdle(boardId),
      },
    })
  }

  get size(): number {
    return this.#rooms.size
  }

  join(connection: Connection): Room {
    const { boardId } = connection
    const room = this.#rooms.get(boardId) ?? this.#open(boardId)
    room.join(connection)
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
    return this.#writer.flush()
  }

  #open(boardId: string): Room {
    const room = new Room(boardId, {
      ...this.#deps,
      writer: this.#writer,
      onClosed: () => {
        // Whoever comes next gets a fresh room and a fresh load.
        if (this.#rooms.get(boardId) === room) this.#rooms.delete(boardId)
      },
    })
    this.#rooms.set(boardId, room)
    return room
  }

  #removeIfIdle(boardId: string): void {
    const room = this.#rooms.get(boardId)
    if (room?.isEmpty && !this.#writer.hasUnsaved(boardId)) this.#rooms.delete(boardId)
  }
}
