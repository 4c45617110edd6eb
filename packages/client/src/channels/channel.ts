import type { ChannelSession } from './channel-session.ts'
import type {
  ChannelBroadcast,
  ChannelPresenceState,
  ChannelSendStatus,
  ChannelState,
  ChannelTopic,
  ChannelTrouble,
  OnChannelStatus,
  PresenceJoin,
  PresenceLeave,
} from './types.ts'

/** How long joining, leaving, or an answer may take, milliseconds. */
const TIMEOUT_MS = 10_000

/** Sends a broadcast over HTTP. */
export type HttpSend = (topic: ChannelTopic, event: string, payload: unknown) => Promise<unknown>

/** What a channel listens to: its types, with their filters and listeners. */
export interface ChannelOn<Self> {
  /** A broadcast with this name, or with `*` any. */
  <Payload = unknown>(
    type: 'broadcast',
    filter: { event: string },
    listener: (broadcast: ChannelBroadcast<Payload>) => void,
  ): Self
  /** Presence changed, after its joins and leaves; also once it is known. */
  (type: 'presence', filter: { event: 'sync' }, listener: () => void): Self
  /** A user is present under a key, or gave a new state. */
  <State extends object = Record<string, unknown>>(
    type: 'presence',
    filter: { event: 'join' },
    listener: (join: PresenceJoin<State>) => void,
  ): Self
  /** A state is gone from a key. */
  <State extends object = Record<string, unknown>>(
    type: 'presence',
    filter: { event: 'leave' },
    listener: (leave: PresenceLeave<State>) => void,
  ): Self
  /** Something was refused, or not sent. */
  (type: 'system', filter: object, listener: (trouble: ChannelTrouble) => void): Self
}

/**
 * Broadcasts and presence of a workspace or a board, without a document. It has the shape of a channel of
 * Supabase Realtime.
 *
 * @example
 * ```ts
 * const { workspaceId } = await client.api.boards.get(boardId)
 * const channel = client.channel(`workspace:${workspaceId}`)
 * channel
 *   .on('broadcast', { event: 'hello' }, ({ payload, user }) => show(`${user.name}: ${payload}`))
 *   .on('presence', { event: 'sync' }, () => show(channel.presenceState()))
 *   .subscribe((status) => {
 *     if (status === 'SUBSCRIBED') void channel.track({ at: 'home' })
 *   })
 * await channel.send({ type: 'broadcast', event: 'hello', payload: 'everyone' })
 * await client.removeChannel(channel)
 * ```
 */
export class Channel {
  readonly topic: ChannelTopic
  readonly #session: ChannelSession
  readonly #httpSend: HttpSend

  /** {@link Client.channel} creates it. @internal */
  constructor(topic: ChannelTopic, session: ChannelSession, httpSend: HttpSend) {
    this.topic = topic
    this.#session = session
    this.#httpSend = httpSend
  }

  /** Where the subscription is. */
  get state(): ChannelState {
    return this.#session.state
  }

  /** Calls `listener` at each event of a type. */
  readonly on: ChannelOn<this> = (
    type: string,
    filter: { event?: string },
    listener: (payload: never) => void,
  ) => {
    this.#session.events.on(eventOf(type, filter), listener as Listener)
    return this
  }

  /** Calls `listener` no longer; the arguments are those of `on`. */
  readonly off: ChannelOn<this> = (
    type: string,
    filter: { event?: string },
    listener: (payload: never) => void,
  ) => {
    this.#session.events.off(eventOf(type, filter), listener as Listener)
    return this
  }

  /**
   * Joins the channel, and joins it again whenever the connection was lost.
   *
   * `onStatus` receives `SUBSCRIBED` with each join; `TIMED_OUT` if one takes longer than `timeoutMs`;
   * `CHANNEL_ERROR` when the connection is lost or the channel refused: it joins again unless `state` is
   * `closed`; and `CLOSED` after `unsubscribe`. On a channel that is subscribed already, it only adds `onStatus`.
   */
  subscribe(onStatus: OnChannelStatus = () => undefined, timeoutMs = TIMEOUT_MS): this {
    this.#session.subscribe(onStatus, timeoutMs)
    return this
  }

  /** Leaves the channel, and everything that waited is dropped. */
  unsubscribe(timeoutMs = TIMEOUT_MS): Promise<ChannelSendStatus> {
    return this.#session.unsubscribe(timeoutMs)
  }

  /**
   * Sends a broadcast to all others. While the channel is being joined it waits, among at most 50.
   *
   * @returns `ok` once it was sent, or with `ack` once it was confirmed; `error` if it was refused or dropped,
   * which a listener of `system` receives the reason of
   * @throws RangeError if the name of the event has not 1 to 64 characters, TypeError unless the payload is JSON
   */
  send(message: {
    type: 'broadcast'
    event: string
    payload?: unknown
  }): Promise<ChannelSendStatus> {
    return this.#session.send(message.event, message.payload)
  }

  /**
   * Sends a broadcast over HTTP, whether the channel is subscribed or not. You receive it too.
   *
   * @throws MindfuseError
   */
  async httpSend(event: string, payload: unknown = null): Promise<{ success: true }> {
    await this.#httpSend(this.topic, event, payload)
    return { success: true }
  }

  /** Makes you present with a state, which replaces the one before: an object, 4 KiB of JSON at most. */
  track(state: object): Promise<ChannelSendStatus> {
    return this.#session.track(state)
  }

  /** Makes you present no longer. */
  untrack(): Promise<ChannelSendStatus> {
    return this.#session.untrack()
  }

  /** Who is present, by their keys. While the connection is lost, who was. */
  presenceState<State extends object = Record<string, unknown>>(): ChannelPresenceState<State> {
    return this.#session.presence.all as ChannelPresenceState<State>
  }
}

/** What all listeners are to the emitter: each overload of `on` says what its own receives. */
type Listener = (payload: ChannelBroadcast) => void

function eventOf(type: string, { event = '' }: { event?: string }): `broadcast:${string}` {
  return `${type}:${event}` as `broadcast:${string}`
}
