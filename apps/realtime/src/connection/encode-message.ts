import type { ServerMessage } from '@mindfuse/protocol'

/** The bytes of a text frame, to be sent to any number of connections. */
export function encodeMessage(message: ServerMessage): Uint8Array {
  // From the pool of buffers: a TextEncoder allocates each by itself, for three times the CPU.
  return Buffer.from(JSON.stringify(message))
}
