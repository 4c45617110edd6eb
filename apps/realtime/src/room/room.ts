import {
  CLOSE_CODES,
  type CloseCode,
  canEdit,
  decodeAwarenessUpdate,
  decodeFrame,
  encodeAwareness,
  encodeAwarenessUpdate,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
  MAX_AWARENESS_BYTES,
  MAX_SYNC_STEP_2_BYTES,
  MAX_UPDATE_BYTES,
  MalformedFrameError,
  MalformedStateVectorError,
  MalformedUpdateError,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { AwarenessStates } from '../presence/awareness.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { UpdateWriter } from '../storage/update-writer.ts'
import { BoardDocument } from '../sync/board-document.ts'

/** Most bytes that one board's clients may send before its document is loaded. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

/** What became of reading the board's document. Nothing is answered before it is open. */
type RoomState =
  | { kind: 'loading'; waiting: { from: Connection; frame: Uint8Array }[]; waitingBytes: number }
  | { kind: 'open'; document: BoardDocument }
  | { kind: 'closed' }

/** What a room needs from the gateway. */
export interface RoomDeps {
  api: ApiClient
  writer: UpdateWriter
  log: Logger
  /** The room closed itself, because its document could not be had. */
  onClosed: () => void
}

/** One open board: who is connected, its document, and who is present. */
export class Room {
  readonly boardId: string
  readonly #deps: RoomDeps
  readonly #members = new Set<Connection>()
  readonly #awareness = new AwarenessStates()
  #state: RoomState = { kind: 'loading', waiting: [], waitingBytes: 0 }

  constructor(boardId: string, deps: RoomDeps) {
    this.boardId = boardId
    this.#deps = deps
    void this.#load()
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  join(connection: Connection): void {
    this.#members.add(connection)
    if (this.#state.kind === 'open') this.#welcome(connection, this.#state.document)
  }

  leave(connection: Connection): void {
    this.#members.delete(connection)
    const gone = this.#awareness.removeOwner(connection)
    if (gone.length > 0) this.#broadcast(encodeAwareness(encodeAwarenessUpdate(gone)))
  }

  /** Takes a frame in; its bytes are the caller's again when this returns. */
  receive(from: Connection, frame: Uint8Array): void {
    if (this.#state.kind === 'open') this.#handle(from, frame, this.#state.document)
    else if (this.#state.kind === 'loading') this.#wait(from, frame, this.#state)
  }

  /** Closes every connection; their leaving empties the room. */
  close(code: CloseCode, reason: string): void {
    this.#state = { kind: 'closed' }
    for (const member of [...this.#members]) member.close(code, reason)
    this.#deps.onClosed()
  }

  async #load(): Promise<void> {
    const { api, log } = this.#deps
    try {
      const stored = await api.document(this.boardId)
      if (this.#state.kind !== 'loading') return
      if (stored) this.#open(new BoardDocument(stored), this.#state.waiting)
      else this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
    } catch (error) {
      log.error({ err: error, boardId: this.boardId }, 'board cannot be loaded')
      this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board cannot be loaded')
    }
  }

  #open(document: BoardDocument, waiting: { from: Connection; frame: Uint8Array }[]): void {
    this.#state = { kind: 'open', document }
    for (const member of this.#members) this.#welcome(member, document)
    for (const { from, frame } of waiting) {
      if (this.#members.has(from)) this.#handle(from, frame, document)
    }
  }

  #wait(from: Connection, frame: Uint8Array, state: RoomState & { kind: 'loading' }): void {
    state.waitingBytes += frame.length
    if (state.waitingBytes > MAX_WAITING_BYTES) {
      from.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board is still loading')
      return
    }
    state.waiting.push({ from, frame: frame.slice() })
  }

  /** Asks a newcomer for what the board lacks, and shows who is there. */
  #welcome(connection: Connection, document: BoardDocument): void {
    connection.send(encodeSyncStep1(document.stateVector))
    const { entries } = this.#awareness
    if (entries.length > 0) connection.send(encodeAwareness(encodeAwarenessUpdate(entries)))
  }

  /** Whatever a frame does, it does to its sender alone: neither others nor the process fall. */
  #handle(from: Connection, bytes: Uint8Array, document: BoardDocument): void {
    try {
      this.#dispatch(from, decodeFrame(bytes), document)
    } catch (error) {
      const { log } = this.#deps
      const context = { connectionId: from.id, boardId: this.boardId, userId: from.userId }
      if (isMalformed(error)) {
        log.warn({ ...context, err: error }, 'malformed frame')
        from.close(CLOSE_CODES.MALFORMED, error.code)
      } else {
        log.error({ ...context, err: error }, 'frame cannot be handled')
        from.close(CLOSE_CODES.INTERNAL_ERROR, 'internal error')
      }
    }
  }

  #dispatch(from: Connection, frame: Frame, document: BoardDocument): void {
    switch (frame.kind) {
      case 'sync-step-1':
        from.send(encodeSyncStep2(document.diff(frame.stateVector)))
        break
      case 'sync-step-2':
        this.#edit(from, frame.update, MAX_SYNC_STEP_2_BYTES, document)
        break
      case 'update':
        this.#edit(from, frame.update, MAX_UPDATE_BYTES, document)
        break
      case 'awareness':
        this.#receiveAwareness(from, frame.update)
        break
      case 'query-awareness':
        from.send(encodeAwareness(encodeAwarenessUpdate(this.#awareness.entries)))
        break
    }
  }

  #edit(from: Connection, update: Uint8Array, maxBytes: number, document: BoardDocument): void {
    if (!canEdit(from.role)) return
    if (update.length > maxBytes) {
      from.close(CLOSE_CODES.TOO_LARGE, `an edit has at most ${maxBytes} bytes`)
      return
    }
    if (this.#deps.writer.isFull) {
      from.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'edits cannot be stored at the moment')
      return
    }
    // The frame's memory is the socket's; the document and the writer keep the update.
    const outcome = document.apply(update.slice())
    if (outcome.kind === 'gap') from.send(encodeSyncStep1(document.stateVector))
    if (outcome.kind !== 'applied') return
    this.#deps.writer.add(this.boardId, { userId: from.userId, update: outcome.update })
    this.#broadcast(encodeUpdate(outcome.update), from)
  }

  #receiveAwareness(from: Connection, update: Uint8Array): void {
    if (update.length > MAX_AWARENESS_BYTES) {
      from.close(CLOSE_CODES.TOO_LARGE, `awareness has at most ${MAX_AWARENESS_BYTES} bytes`)
      return
    }
    const accepted = this.#awareness.receive(from, decodeAwarenessUpdate(update))
    // Back to the sender too: the stock provider takes its own echo as a sign of life.
    if (accepted.length > 0) this.#broadcast(encodeAwareness(encodeAwarenessUpdate(accepted)))
  }

  #broadcast(frame: Uint8Array, except?: Connection): void {
    // A member whose close runs while we loop leaves the set; a Set's iterator bears that.
    for (const member of this.#members) if (member !== except) member.send(frame)
  }
}

function isMalformed(
  error: unknown,
): error is MalformedFrameError | MalformedStateVectorError | MalformedUpdateError {
  return (
    error instanceof MalformedFrameError ||
    error instanceof MalformedStateVectorError ||
    error instanceof MalformedUpdateError
  )
}
