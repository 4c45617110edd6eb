import {
  type ChannelClientMessage,
  channelClientMessageSchema,
  clientMessageSchema,
  type DraftChange,
  draftUpdateSchema,
  MAX_PRESENCE_BYTES,
  MalformedFrameError,
} from '@mindfuse/protocol'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'

const schema = Compile(clientMessageSchema)
const channelSchema = Compile(channelClientMessageSchema)
const draftSchema = Compile(draftUpdateSchema)
const DRAFTS_START = Buffer.from('{"type":"draft:update",')
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a text frame of at most `MAX_BROADCAST_BYTES`, of any type but `draft:update`.
 * @throws MalformedFrameError where it is not a message of the protocol
 */
export function parseClientMessage(text: Uint8Array): Static<typeof clientMessageSchema> {
  const message = parseJson(text)
  if (!schema.Check(message)) throw new MalformedFrameError('unknown message')
  if (text.length > MAX_PRESENCE_BYTES && message.type !== 'broadcast') {
    throw new MalformedFrameError('text frame too large')
  }
  return message
}

/** Whether a text frame, which was not read yet, has drafts. */
export function startsAsDrafts(text: Uint8Array): boolean {
  return DRAFTS_START.equals(text.subarray(0, DRAFTS_START.length))
}

/** Reads a text frame with drafts. @throws MalformedFrameError */
export function parseDrafts(text: Uint8Array): DraftChange[] {
  const message = parseJson(text)
  if (!draftSchema.Check(message)) throw new MalformedFrameError('malformed drafts')
  return message.drafts
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
