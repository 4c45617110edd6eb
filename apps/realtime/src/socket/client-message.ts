import {
  type ChannelClientMessage,
  type ClientMessage,
  channelClientMessageSchema,
  clientMessageSchema,
  MAX_DRAFT_BYTES,
  MAX_PRESENCE_BYTES,
  MalformedFrameError,
} from '@mindfuse/protocol'
import { Compile } from 'typebox/compile'

const schema = Compile(clientMessageSchema)
const channelSchema = Compile(channelClientMessageSchema)
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Largest text frame of each type, bytes, where it is not that of presence. */
const MAX_BYTES: Partial<Record<ClientMessage['type'], number>> = {
  'draft:update': MAX_DRAFT_BYTES,
  // Refused, and counted, where it is larger.
  broadcast: MAX_DRAFT_BYTES,
}

/**
 * Reads a text frame of at most `MAX_DRAFT_BYTES`.
 * @throws MalformedFrameError where it is not a message of the protocol
 */
export function parseClientMessage(text: Uint8Array): ClientMessage {
  const message = parseJson(text)
  if (!schema.Check(message)) throw new MalformedFrameError('unknown message')
  if (text.length > (MAX_BYTES[message.type] ?? MAX_PRESENCE_BYTES)) {
    throw new MalformedFrameError('text frame too large')
  }
  return message
}

/** The same on `/channels`. @throws MalformedFrameError */
export function parseChannelMessage(text: Uint8Array): ChannelClientMessage {
  const message = parseJson(text)
  if (!channelSchema.Check(message)) throw new MalformedFrameError('unknown message')
  return message
}

function parseJson(text: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(text))
  } catch (cause) {
    throw new MalformedFrameError('text frame is not JSON', { cause })
  }
}
