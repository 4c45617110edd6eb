import { type BroadcastRefusal, MAX_BROADCAST_EVENT_LENGTH } from '@mindfuse/protocol'
import { MindfuseError } from '../errors.ts'

/** What the user reads of a refusal. */
export const BROADCAST_MESSAGES: Record<BroadcastRefusal, string> = {
  forbidden: 'Viewers of this board cannot broadcast',
  too_large: 'The broadcast is too large or nested too deeply',
  rate_limited: 'Too many broadcasts; try again later',
  relay_unavailable: 'Only clients on the same gateway received the broadcast',
}

/** The error of a refused broadcast. */
export function broadcastRefusal(code: BroadcastRefusal): MindfuseError {
  return new MindfuseError(code, BROADCAST_MESSAGES[code])
}

/**
 * A broadcast as it is sent, with its payload as it is now. @throws RangeError where the gateway would close the
 * connection, or TypeError unless it is JSON
 */
export function checkBroadcast<Message extends { event: string; payload: unknown }>(
  message: Message,
): Message {
  const { event, payload } = message
  if (event.length === 0 || event.length > MAX_BROADCAST_EVENT_LENGTH) {
    throw new RangeError(`An event name has 1 to ${MAX_BROADCAST_EVENT_LENGTH} characters`)
  }
  return { ...message, payload: JSON.parse(JSON.stringify(payload) ?? 'null') }
}

/** How many bytes a text has in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
