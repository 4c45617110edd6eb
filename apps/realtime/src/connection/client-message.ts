import {
  type ClientMessage,
  clientMessageSchema,
  MAX_PRESENCE_BYTES,
  MalformedFrameError,
} from '@mindfuse/protocol'
import { Compile } from 'typebox/compile'

const schema = Compile(clientMessageSchema)
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads a text frame. @throws MalformedFrameError where it is no message of the protocol */
export function parseClientMessage(text: Uint8Array): ClientMessage {
  if (text.length > MAX_PRESENCE_BYTES) throw new MalformedFrameError('text frame too large')
  let message: unknown
  try {
    message = JSON.parse(decoder.decode(text))
  } catch (cause) {
    throw new MalformedFrameError('text frame is no JSON', { cause })
  }
  if (!schema.Check(message)) throw new MalformedFrameError('unknown message')
  return message
}
