import type {
  ChannelClientMessage,
  ChannelHello,
  ChannelLimits,
  ChannelReceived,
} from '@mindfuse/protocol'
import type { Tokens } from '../auth/tokens.ts'
import { bytesOf } from '../connection/broadcast.ts'
import { Connection } from '../connection/connection.ts'
import type { HeartbeatState } from '../connection/socket.ts'
import { deniedError, type NotOnline } from '../connection/state.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import type { MindfuseError } from '../errors.ts'
import { channelError } from './channel-error.ts'
import { type Answer, Replies } from './replies.ts'

/** How long a socket without channels stays open, milliseconds: a page that changes reconnects nothing. */
const IDLE_MS = 10_000

type Message = Exclude<ChannelReceived, ChannelHello>

/** A channel, as its socket sees it. */
export interface Member {
  readonly topic: string
  connected(): void
  disconnected(): void
  receive(message: Message): void
  /** The connection was refused, and is not tried again. */
  denied(error: MindfuseError): void
  close(): void
}

/** What the socket needs from its client. */
export interface ChannelSocketDeps {
  /** The gateway's address of channels. */
  url: string
  tokens: Tokens
  environment: Environment
  maxHeartbeatSeconds: number
}

/** The one connection of all channels of a client: open while there are any, and a little longer. */
export class ChannelSocket {
  readonly events = new Emitter<{ heartbeat: [state: HeartbeatState] }>()
  readonly #deps: ChannelSocketDeps
  readonly #members = new Map<string, Member>()
  readonly #replies = new Replies()
  #connection: Connection<ChannelConnection> | undefined
  /** What the gateway announced; undefined while offline. */
  #limits: ChannelLimits | undefined
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(deps: ChannelSocketDeps) {
    this.#deps = deps
  }

  /** A channel wants to be joined. @throws MindfuseError `closed` or `already_joined` */
  enter(member: Member): void {
    if (this.#isClosed) throw channelError('closed')
    if (this.#members.has(member.topic)) throw channelError('already_joined')
    clearTimeout(this.#idleTimer)
    this.#members.set(member.topic, member)
    if (this.#limits) member.connected()
    else this.#open()
  }

  exit(member: Member): void {
    if (this.#members.get(member.topic) !== member) return
    this.#members.delete(member.topic)
    if (this.#members.size > 0) return
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => this.#drop(), IDLE_MS)
  }

  /**
   * Sends a message. If it is sent, `onAnswer` is called once: with the gateway's answer, after `timeoutMs`
   * without one, or with `network_error` at the end of the connection.
   */
  send(
    message: Exclude<ChannelClientMessage, { type: 'auth:refresh' | 'ping' }>,
    onAnswer?: (answer: Answer) => void,
    timeoutMs?: number,
  ): 'sent' | 'too_large' | 'offline' {
    if (!this.#limits) return 'offline'
    const ref = onAnswer && this.#replies.expect(onAnswer, timeoutMs)
    const text = JSON.stringify({ ...message, ref })
    // The gateway would not read it, and not say which one it was.
    const isTooLarge = bytesOf(text) > this.#limits.maxBroadcastBytes
    if (!isTooLarge && this.#connection?.sendText(text)) return 'sent'
    if (ref !== undefined) this.#replies.forget(ref)
    return isTooLarge ? 'too_large' : 'offline'
  }

  /** The machine woke up, or has a network again. */
  wake(): void {
    this.#connection?.wake()
  }

  /** Closes it for good, with all channels. */
  close(): void {
    this.#isClosed = true
    for (const member of this.#all) member.close()
    clearTimeout(this.#idleTimer)
    this.#drop()
  }

  /** Listeners change the members. */
  get #all(): Member[] {
    return [...this.#members.values()]
  }

  #open(): void {
    if (this.#connection) return
    const { maxHeartbeatSeconds, ...deps } = this.#deps
    this.#connection = new Connection<ChannelConnection>({
      ...deps,
      maxHeartbeatSeconds,
      online: () => ({ kind: 'online' }),
      events: {
        state: (state) => this.#stateChanged(state),
        hello: ({ limits }) => this.#connected(limits),
        message: (message) => this.#receive(message),
        heartbeat: (state) => this.events.emit('heartbeat', state),
        disconnected: () => this.#disconnected(),
      },
    })
    this.#connection.connect()
  }

  #drop(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  #stateChanged(state: NotOnline | { kind: 'online' }): void {
    if (state.kind !== 'denied') return
    this.#drop()
    const error = deniedError(state, 'channels')
    for (const member of this.#all) member.denied(error)
  }

  #connected(limits: ChannelLimits): void {
    this.#limits = limits
    for (const member of this.#all) member.connected()
  }

  #disconnected(): void {
    this.#limits = undefined
    this.#replies.lose()
    for (const member of this.#all) member.disconnected()
    this.events.emit('heartbeat', 'disconnected')
  }

  #receive(message: Message): void {
    if ('ref' in message && this.#replies.receive(message)) return
    if ('topic' in message && message.topic) this.#members.get(message.topic)?.receive(message)
  }
}

/** The connection of channels. */
interface ChannelConnection {
  hello: ChannelHello
  message: Message
  online: { kind: 'online' }
}
