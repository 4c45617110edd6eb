import { UUID_BYTES, uuidFromBytes, uuidToBytes, writeUuid } from '@mindfuse/internal'
import { encodeVarUints, varUintLength, writeVarUint } from '@mindfuse/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

const FORMAT_VERSION = 1

/** What gateways send each other about a board. */
export const RELAY_KINDS = {
  /** A person's edit: see {@link encodeRelayedEdit}. */
  EDIT: 0,
  /** Awareness entries of connections: see {@link encodeRelayedAwareness}. */
  AWARENESS: 1,
  /** Presence as JSON: connections that joined, changed or left, or all of them. */
  PRESENCE: 2,
  /** A gateway that just opened the board asks the others to announce their connections. */
  QUERY: 3,
  /** The edits in these messages of the sender are stored: see {@link encodeRelayedRange}. */
  STORED: 4,
  /** A client is back: the other gateways have theirs renew their awareness. */
  RENEW: 5,
  /** What is new of drafts, as JSON. */
  DRAFTS: 6,
} as const

/** One of {@link RELAY_KINDS}. */
export type RelayKind = (typeof RELAY_KINDS)[keyof typeof RELAY_KINDS]

/** A message of a board between gateways. */
export interface RelayMessage {
  /** The gateway it comes from. */
  gatewayId: string
  /** Counts the sender's messages on this board, so that a gap shows. */
  sequence: number
  kind: RelayKind
  payload: Uint8Array
}

/**
 * Writes a message:
 *
 *     message := varUint(1) • uuid(gateway) • varUint(sequence) • varUint(kind) • payload
 */
export function encodeRelayMessage(message: RelayMessage): Uint8Array {
  const { gatewayId, sequence, kind, payload } = message
  const headLength = 1 + UUID_BYTES + varUintLength(sequence) + 1
  const bytes = new Uint8Array(headLength + payload.length)
  let at = writeVarUint(bytes, 0, FORMAT_VERSION)
  at = writeUuid(bytes, at, gatewayId)
  at = writeVarUint(bytes, at, sequence)
  bytes.set(payload, writeVarUint(bytes, at, kind))
  return bytes
}

/** Reads a message; undefined for one of another release's format. */
export function decodeRelayMessage(bytes: Uint8Array): RelayMessage | undefined {
  try {
    const decoder = decoding.createDecoder(bytes)
    if (decoding.readVarUint(decoder) !== FORMAT_VERSION) return undefined
    const gatewayId = uuidFromBytes(decoding.readUint8Array(decoder, UUID_BYTES))
    const sequence = decoding.readVarUint(decoder)
    const kind = decoding.readVarUint(decoder) as RelayKind
    return { gatewayId, sequence, kind, payload: decoding.readTailAsUint8Array(decoder) }
  } catch {
    // Nothing else on the channel is for this gateway.
    return undefined
  }
}

/** Whose awareness it is: clientIDs belong to a connection, and to a person. */
export interface AwarenessOrigin {
  /** The connection's id. */
  id: string
  userId: string
  /** When it connected, milliseconds since 1970 by the clock of its gateway. */
  connectedAt: number
}

/** The changed awareness entries of one connection. */
export interface RelayedAwareness {
  origin: AwarenessOrigin
  update: Uint8Array
}

/**
 * Writes the payload of an awareness message, a part for each connection:
 *
 *     awareness := part*
 *     part      := uuid(connection) • uuid(user) • varUint(connectedAt)
 *                  • varByteArray(awarenessUpdate)
 */
export function encodeRelayedAwareness(parts: readonly RelayedAwareness[]): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const { origin, update } of parts) {
    encoding.writeUint8Array(encoder, uuidToBytes(origin.id))
    encoding.writeUint8Array(encoder, uuidToBytes(origin.userId))
    encoding.writeVarUint(encoder, origin.connectedAt)
    encoding.writeVarUint8Array(encoder, update)
  }
  return encoding.toUint8Array(encoder)
}

/** Decodes {@link encodeRelayedAwareness}. @throws for anything else */
export function decodeRelayedAwareness(payload: Uint8Array): RelayedAwareness[] {
  const decoder = decoding.createDecoder(payload)
  const parts: RelayedAwareness[] = []
  while (decoding.hasContent(decoder)) {
    const origin = {
      id: uuidFromBytes(decoding.readUint8Array(decoder, UUID_BYTES)),
      userId: uuidFromBytes(decoding.readUint8Array(decoder, UUID_BYTES)),
      connectedAt: decoding.readVarUint(decoder),
    }
    parts.push({ origin, update: decoding.readVarUint8Array(decoder) })
  }
  return parts
}

/** A person's edit, as another gateway applied it. */
export interface RelayedEdit {
  userId: string
  update: Uint8Array
}

/** Encodes an edit: `edit := uuid(user) • yjsUpdate`. */
export function encodeRelayedEdit(userId: string, update: Uint8Array): Uint8Array {
  const payload = new Uint8Array(UUID_BYTES + update.length)
  payload.set(update, writeUuid(payload, 0, userId))
  return payload
}

/** Decodes {@link encodeRelayedEdit}. @throws RangeError for anything shorter */
export function decodeRelayedEdit(payload: Uint8Array): RelayedEdit {
  return {
    userId: uuidFromBytes(payload.subarray(0, UUID_BYTES)),
    update: payload.slice(UUID_BYTES),
  }
}

/** One gateway's messages on a board, from the first to the last, both included. */
export interface RelayedRange {
  first: number
  last: number
}

/**
 * Encodes the range of own messages whose edits are stored. Messages from before the gateway closed
 * and reopened the board are not included: their edits may have been refused.
 */
export function encodeRelayedRange({ first, last }: RelayedRange): Uint8Array {
  return encodeVarUints([first, last])
}

/** Decodes {@link encodeRelayedRange}. @throws for anything else */
export function decodeRelayedRange(payload: Uint8Array): RelayedRange {
  const decoder = decoding.createDecoder(payload)
  return { first: decoding.readVarUint(decoder), last: decoding.readVarUint(decoder) }
}
