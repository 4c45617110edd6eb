import type { BoardAwareness } from '../presence/board-awareness.ts'
import type { BoardPresence } from '../presence/board-presence.ts'
import {
  decodeRelayedEdit,
  RELAY_KINDS,
  type RelayedEdit,
  type RelayMessage,
} from '../relay/envelope.ts'
import type { RoomDocument } from './room-document.ts'
import type { SilentGateways } from './silent-gateways.ts'

/** The parts of a room that other gateways' messages concern. */
export interface RelayDispatchDeps {
  document: RoomDocument
  presence: BoardPresence
  awareness: BoardAwareness
  silent: SilentGateways
  /** Announces all connections of this gateway. */
  announce: () => void
}

/**
 * Makes the function that handles a message of another gateway, which throws for a malformed
 * payload. `isFirst` says whether it is the first one from that gateway.
 */
export function createRelayDispatch({
  document,
  presence,
  awareness,
  silent,
  announce,
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

  return ({ gatewayId, sequence, kind, payload }, isFirst) => {
    silent.forget(gatewayId)
    // Nothing was announced while no other gateway was known.
    if (isFirst && kind !== RELAY_KINDS.QUERY) announce()
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
      case RELAY_KINDS.QUERY:
        announce()
        break
      case RELAY_KINDS.RENEW:
        awareness.renewAll()
        break
    }
  }
}
