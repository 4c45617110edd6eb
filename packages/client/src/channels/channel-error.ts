import { BROADCAST_MESSAGES } from '../connection/broadcast.ts'
import { MindfuseError } from '../errors.ts'

const MESSAGES: Record<string, string> = {
  ...BROADCAST_MESSAGES,
  too_large: 'The message is too large or nested too deeply',
  rate_limited: 'Too many messages; try again later',
  channel_not_found: 'This channel does not exist, or you have no access to it',
  too_many_channels: 'Too many channels are open',
  already_joined: 'Another channel object has joined this topic',
  buffer_full: 'Too many messages waited for the channel; the oldest was dropped',
  closed: 'This client is closed',
  network_error: 'The connection was lost; the channel joins again by itself',
}

/** The error of a code, in words. */
export function channelError(code: string): MindfuseError {
  return new MindfuseError(code, MESSAGES[code] ?? `The server refused the channel: ${code}`)
}
