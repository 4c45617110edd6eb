import { UUID_BYTES, uuidFromBytes, uuidToBytes } from './uuid.ts'

/** What the bytes on a board's channel begin with; numbered messages of gateways begin with 1. */
const FORMAT_VERSION = 2

/** A broadcast on its way to the gateways that have its board open. */
export interface RelayedBroadcast {
  /** The instance that sent it, which ignores its own. */
  origin: string
  /** The text frame, as each client gets it. */
  frame: Uint8Array
}

/**
 * Writes a message. It has no number: nobody looks for one that was lost.
 *
 *     broadcast := varUint(2) • uuid(origin) • textFrame
 */
export function encodeRelayedBroadcast({ origin, frame }: RelayedBroadcast): Uint8Array {
  const message = new Uint8Array(1 + UUID_BYTES + frame.length)
  message[0] = FORMAT_VERSION
  message.set(uuidToBytes(origin), 1)
  message.set(frame, 1 + UUID_BYTES)
  return message
}

/** Reads a message; undefined for every other one. The frame lies in the bytes given. */
export function decodeRelayedBroadcast(message: Uint8Array): RelayedBroadcast | undefined {
  if (message[0] !== FORMAT_VERSION || message.length <= 1 + UUID_BYTES) return undefined
  return {
    origin: uuidFromBytes(message.subarray(1, 1 + UUID_BYTES)),
    frame: message.subarray(1 + UUID_BYTES),
  }
}
