import type { ChannelHello, ChannelServerMessage, ServerMessage } from '@mindfuse/protocol'

/** What clients are sent in text frames. */
export type TextMessage = ServerMessage | ChannelServerMessage | ChannelHello

/**
 * The bytes of a text frame, to be sent to any number of connections.
 * @param topic of the channel that it is about, if it does not say so itself
 */
export function encodeMessage(message: TextMessage, topic?: string): Uint8Array {
  // From the pool of buffers: a TextEncoder allocates each by itself, for three times the CPU.
  return Buffer.from(JSON.stringify(topic === undefined ? message : { ...message, topic }))
}
