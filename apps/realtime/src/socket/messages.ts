import { MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { TokenRefresh } from '../admission/token-refresh.ts'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import { type Metrics, TIMED_FRAMES } from '../metrics.ts'
import type { Room } from '../room/room.ts'
import { parseClientMessage } from './client-message.ts'
import { Conflation } from './conflation.ts'

/** A frame of a connection; its bytes are the caller's again once it is handled. */
export interface ReceivedFrame {
  from: Connection
  room: Room
  bytes: Uint8Array
  isBinary: boolean
}

/** Hands binary frames to the room, and text frames to what they are meant for. */
export function createFrameHandler(deps: {
  refreshToken: TokenRefresh
  metrics: Metrics
  log: Logger
}): (frame: ReceivedFrame) => void {
  const { refreshToken, metrics, log } = deps
  const conflation = new Conflation()

  const handleText = ({ from, room, bytes }: ReceivedFrame): void => {
    // Only a broadcast may be so large, so it is refused unread.
    if (bytes.length > MAX_BROADCAST_BYTES) {
      room.broadcast.refuse(from, 'too_large')
      return
    }
    const received = parseClientMessage(bytes)
    // Each broadcast counts: none replaces the ones before.
    if (received.type === 'broadcast') {
      if (from.isHeld) room.broadcast.refuse(from, 'relay_unavailable')
      else room.broadcast.receive(from, received)
      return
    }
    conflation.receive(from, received, (message) => {
      if (message.type === 'auth:refresh') void refreshToken(from, message.token)
      else if (message.type === 'ping') from.sendNotice({ type: 'pong' })
      else if (!from.isHeld) room.present(from, message)
    })
  }

  return (frame) => {
    const { from, room, bytes, isBinary } = frame
    // Without a subprotocol text frames are ignored.
    if (!isBinary && !from.hasText) return
    const kind = isBinary ? 'binary' : 'text'
    const isTimed = metrics.received[kind].add(bytes.length) % TIMED_FRAMES === 1
    const endTimer = isTimed ? metrics.handling.startTimer({ kind }) : undefined
    if (isBinary) room.receive(from, bytes)
    else guardFrame(from, log, () => handleText(frame))
    endTimer?.()
  }
}
