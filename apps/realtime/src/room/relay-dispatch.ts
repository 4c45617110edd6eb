import type { Presence } from '@mindfuse/protocol'
import type { BoardDrafts } from '../drafts/board-drafts.ts'
import type { BoardAwareness } from '../presence/board-awareness.ts'
import type { SharedPresence } from '../presence/shared-presence.ts'
import {
  decodeRelayedEdit,
  RELAY_KINDS,
  type RelayedEdit,
  type RelayMessage,
} from '../relay/envelope.ts'
import type { Peers } from '../relay/peers.ts'
import type { RoomDocument } from './room-document.ts'

/** The parts of a room that other gateways' messages concern. */
export interface RelayDispatchDeps {
  document: RoomDocument
  presence: SharedPresence<Presence>
  awareness: BoardAwareness
  drafts: BoardDrafts
  peers: Peers
}

/**
 * Makes the function that handles a message of another gateway, which throws for a malformed
 * payload. `isFirst` says whether it is the first one from that gateway.
 */
export function createRelayDispatch({
  document,
  presence,
  awareness,
  drafts,
  peers,
}: RelayDispatchDeps): (message: RelayMessage, isFirst: boolean) => void {
  const receiveEdit = (gatewayId: string, sequence: number, edit: RelayedEdit) => {
    const { sync, queue } = document
    if (sync) {
      if (sync.receiveRelayed(gatewayId, sequence, edit) === 'gap') document.repair()
    } else if (queue) {
      // Kept until the document is loaded, since its gateway may die before storing it. Without room
      // for it, it is fetched from storage then.
      const hasRoom = queue.reserve(edit.update.length)
      queue.add(() => {
        if (hasRoom) receiveEdit(gatewayId, sequence, edit)
        else document.repair()
      })
    }
  }

  const receivePresence = (gatewayId: string, payload: Uint8Array) => {
    const present = presence.receiveRelayed(gatewayId, payload)
    // The message that a connection left may have been lost for both kinds of presence.
    if (present) awareness.removeGateway(gatewayId, present)
  }

  return (message, isFirst) => {
    const { gatewayId, sequence, kind, payload } = message
    peers.heard(message, isFirst)
    if (isFirst) awareness.meet()
    switch (kind) {
      case RELAY_KINDS.EDIT:
        receiveEdit(gatewayId, sequence, decodeRelayedEdit(payload))
        break
      case RELAY_KINDS.STORED:
        document.sync?.confirmRelayed(gatewayId, payload)
        break
      case RELAY_KINDS.PRESENCE:
        receivePresence(gatewayId, payload)
        break
      case RELAY_KINDS.AWARENESS:
        awareness.receiveRelayed(gatewayId, payload)
        break
      case RELAY_KINDS.RENEW:
        awareness.renewAll()
        break
      case RELAY_KINDS.DRAFTS:
        drafts.receiveRelayed(payload)
        break
    }
  }
}
