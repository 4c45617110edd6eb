import {
  CLOSE_CODES,
  decodeFrame,
  type Frame,
  MAX_STATE_VECTOR_BYTES,
  MalformedFrameError,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import type { BoardAwareness } from '../presence/board-awareness.ts'
import type { Batcher } from '../storage/batcher.ts'
import type { RoomDocument } from './room-document.ts'

const EMPTY_STATE_VECTOR = Uint8Array.of(0)

/** The parts of a room that its clients' binary frames concern. */
export interface FrameDispatchDeps {
  document: RoomDocument
  awareness: BoardAwareness
  batcher: Pick<Batcher, 'hold' | 'isShareUsedUp'>
  log: Logger
}

/**
 * Makes the function that handles a client's binary frame: at once, or when the document is loaded.
 * The frame's bytes are the caller's again when it returns.
 */
export function createFrameDispatch({
  document,
  awareness,
  batcher,
  log,
}: FrameDispatchDeps): (from: Connection, frame: Uint8Array) => void {
  const dispatch = (from: Connection, frame: Frame) => {
    const { sync } = document
    if (!sync) return
    switch (frame.kind) {
      case 'sync-step-1':
        if (!mayRequestState(from)) return
        sync.answer(from, boundedStateVector(frame.stateVector))
        if (!isEmpty(frame.stateVector)) awareness.returned(from)
        break
      case 'sync-step-2':
      case 'update':
        sync.receive(from, frame.kind, frame.update)
        break
      case 'awareness':
        if (!from.isHeld) awareness.receive(from, frame.update)
        break
      case 'query-awareness':
        if (mayRequestState(from)) awareness.sendStates(from)
        break
      case 'permission-denied':
        throw new MalformedFrameError('only a gateway denies permission')
    }
  }
  const handle = (from: Connection, bytes: Uint8Array) =>
    guardFrame(from, log, () => dispatch(from, decodeFrame(bytes)))

  return (from, bytes) => {
    const { queue } = document
    if (!queue) {
      handle(from, bytes)
    } else if (!batcher.isShareUsedUp(from.userId) && queue.reserve(bytes.length)) {
      const kept = bytes.slice()
      const release = batcher.hold({ userId: from.userId, update: kept })
      // Also if the sender leaves meanwhile: the frame may hold an edit.
      queue.add(() => handle(from, kept), release)
    } else {
      from.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board is still loading')
    }
  }
}

/** One of more clients than a board can have is not read: its sender receives the whole board. */
function boundedStateVector(stateVector: Uint8Array): Uint8Array {
  return stateVector.length <= MAX_STATE_VECTOR_BYTES ? stateVector : EMPTY_STATE_VECTOR
}

function isEmpty(stateVector: Uint8Array): boolean {
  return stateVector[0] === EMPTY_STATE_VECTOR[0]
}

/** A few bytes ask for megabytes: a client that asks too often is closed. */
function mayRequestState(from: Connection): boolean {
  const isAllowed = from.rates.joins.take()
  if (!isAllowed) from.close(CLOSE_CODES.RATE_LIMITED, 'too many requests for state')
  return isAllowed
}
