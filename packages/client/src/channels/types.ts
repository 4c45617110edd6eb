import type { PresenceUser } from '@mindfuse/protocol'
import type { MindfuseError } from '../errors.ts'

/** What a channel is about: everyone in a workspace, or everyone who may read a board. */
export type ChannelTopic = `workspace:${string}` | `board:${string}`

/** How a channel behaves. */
export interface ChannelOptions {
  broadcast?: {
    /** Whether you receive your own broadcasts too. */
    self?: boolean
    /** Whether `send` waits until the server confirms a broadcast. */
    ack?: boolean
  }
  presence?: {
    /** What `presenceState()` lists your presence under; by default the id of the connection. */
    key?: string
  }
}

/** What `subscribe` reports. */
export type ChannelStatus = 'SUBSCRIBED' | 'TIMED_OUT' | 'CLOSED' | 'CHANNEL_ERROR'

/** Receives what becomes of a subscription; `error` with `CHANNEL_ERROR` alone. */
export type OnChannelStatus = (status: ChannelStatus, error?: MindfuseError) => void

/** What became of something that was sent. */
export type ChannelSendStatus = 'ok' | 'timed out' | 'error'

/** `errored` is a channel that joins again by itself, `closed` one that does not. */
export type ChannelState = 'closed' | 'joining' | 'joined' | 'errored'

/** A broadcast, as listeners receive it. */
export interface ChannelBroadcast<Payload = unknown> {
  type: 'broadcast'
  event: string
  /** Any JSON; check it before you use it. */
  payload: Payload
  /** The sender, as authenticated by the server. */
  user: PresenceUser
  /** The sender's connection; `null` for a broadcast over HTTP. */
  connectionId: string | null
}

/** A state that a connection gave with `track`, with what the SDK adds. */
export type ChannelPresent<State extends object = Record<string, unknown>> = State & {
  /** Another with each state of each connection. */
  presence_ref: string
  /** Whose state it is, as authenticated by the server. */
  presence_user: PresenceUser
}

/** What `presenceState()` returns: all states by their keys. */
export type ChannelPresenceState<State extends object = Record<string, unknown>> = Record<
  string,
  ChannelPresent<State>[]
>

/** States that are new under a key; `currentPresences` were there before. */
export interface PresenceJoin<State extends object = Record<string, unknown>> {
  event: 'join'
  key: string
  currentPresences: ChannelPresent<State>[]
  newPresences: ChannelPresent<State>[]
}

/** States that are gone from a key; `currentPresences` are left. */
export interface PresenceLeave<State extends object = Record<string, unknown>> {
  event: 'leave'
  key: string
  currentPresences: ChannelPresent<State>[]
  leftPresences: ChannelPresent<State>[]
}

/** Something that was not sent, or refused. */
export interface ChannelTrouble {
  status: 'error'
  extension: 'broadcast' | 'presence'
  channel: string
  message: string
  error: MindfuseError
}

/** The events of a channel by their types and filters. @internal */
export interface ChannelEvents {
  [event: `broadcast:${string}`]: [broadcast: ChannelBroadcast]
  'presence:sync': []
  'presence:join': [join: PresenceJoin]
  'presence:leave': [leave: PresenceLeave]
  'system:': [trouble: ChannelTrouble]
}
