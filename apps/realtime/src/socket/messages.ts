import { type ClientMessage, MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { TokenRefresh } from '../admission/token-refresh.ts'
import { numberedAnswer } from '../broadcast/numbered-answer.ts'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import { countFrame, type Metrics } from '../metrics.ts'
import type { Room } from '../room/room.ts'
import { parseClientMessage, parseDrafts, startsAsDrafts } from './client-message.ts'
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
  const conflation = new Conflation<ClientMessage>()

  const handleText = ({ from, room, bytes }: ReceivedFrame): void => {
    if (startsAsDrafts(bytes)) {
      if (!from.isHeld) room.drafts.receive(from, bytes.length, () => parseDrafts(bytes))
      return
    }
    // Only a broadcast may be so large, so it is refused unread.
    if (bytes.length > MAX_BROADCAST_BYTES) {
      room.broadcast.refuse('too_large', numberedAnswer(from))
      return
    }
    const received = parseClientMessage(bytes)
    // Each broadcast counts: none replaces the ones before.
    if (received.type === 'broadcast') {
      const answer = numberedAnswer(from)
      if (from.isHeld) room.broadcast.refuse('relay_unavailable', answer)
      else room.broadcast.receive(from, received, answer)
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
    const endTimer = countFrame(metrics, { bytes: bytes.length, isBinary })
    if (isBinary) room.receive(from, bytes)
    else guardFrame(from, log, () => handleText(frame))
    endTimer?.()
  }
}
