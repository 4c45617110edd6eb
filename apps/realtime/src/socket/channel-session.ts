import {
  type ChannelClientMessage,
  type ChannelRefusal,
  isNestedDeeper,
  MAX_CHANNELS_PER_CONNECTION,
  MAX_PRESENCE_BYTES,
  MAX_VALUE_DEPTH,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { TokenRefresh } from '../admission/token-refresh.ts'
import type { Channel } from '../channel/channel.ts'
import type { Channels } from '../channel/channels.ts'
import type { BroadcastLedger } from '../connection/broadcast-ledger.ts'
import { Connection, type ConnectionOptions } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import type { Wire } from '../connection/wire.ts'
import type { Allowance } from '../person/allowance.ts'
import type { People } from '../person/people.ts'
import { ChannelWire } from './channel-wire.ts'
import type { Conflation } from './conflation.ts'

/** How often a join that has to wait is looked at again, milliseconds. */
const JOIN_RETRY_MS = 50

type Message<Type extends ChannelClientMessage['type']> = Extract<
  ChannelClientMessage,
  { type: Type }
>

/** Something that was asked about a channel, and is to be answered. */
type Question = Pick<Message<'channel:join'>, 'topic' | 'ref'>

/** What the channels of a socket need from the gateway. */
export interface ChannelSessionDeps {
  admission: Pick<Admission, 'join'>
  channels: Channels
  connections: Connections
  conflation: Conflation<ChannelClientMessage>
  refreshToken: TokenRefresh
  people: Pick<People, 'find'>
  /** What each connection shares with the others. */
  shared: Pick<ConnectionOptions, 'ackWindow' | 'sent' | 'unread' | 'hold'>
  log: Logger
}

/** A channel that a socket has joined, or is about to: without a connection as long as that is being decided. */
interface Membership {
  connection?: Connection
  channel?: Channel
}

/** The channels of one socket: each has a connection of its own, so that it is admitted and ends by itself. */
export class ChannelSession {
  readonly #deps: ChannelSessionDeps
  readonly #socket: Wire
  readonly #host: Connection
  readonly #memberships = new Map<string, Membership>()
  /** Of the channels that were left last: who joins again may not send more for it. */
  readonly #ledgers = new Map<string, BroadcastLedger>()
  /** Joins are decided one after another: nobody has a large part of what is decided on at a time. */
  #joining: Promise<void> = Promise.resolve()

  /** @param host the connection of the socket itself */
  constructor(socket: Wire, host: Connection, deps: ChannelSessionDeps) {
    this.#deps = deps
    this.#socket = socket
    this.#host = host
  }

  /** Handles a message of the client. */
  receive(message: ChannelClientMessage): void {
    const { conflation } = this.#deps
    switch (message.type) {
      case 'channel:join':
        this.#join(message)
        break
      case 'channel:leave':
        this.#leave(message)
        break
      case 'channel:presence':
        this.#present(message)
        break
      case 'channel:broadcast':
        this.#broadcast(message)
        break
      case 'auth:refresh':
        conflation.receive(this.#host, message, () => void this.#refresh(message.token))
        break
      case 'ping':
        conflation.receive(this.#host, message, () => this.#host.sendNotice({ type: 'pong' }))
        break
    }
  }

  /** The reader can take more. */
  drained(): void {
    this.#host.catchUp()
    for (const { connection, channel } of this.#memberships.values()) {
      if (connection?.catchUp()) channel?.catchUp(connection)
    }
  }

  /** uWebSockets.js corks a socket while it handles a message of it. */
  corkEnded(): void {
    this.#host.corkEnded()
    for (const { connection } of this.#memberships.values()) connection?.corkEnded()
  }

  /** The socket has ended, and its own connection with it. */
  end(): void {
    for (const topic of [...this.#memberships.keys()]) this.#remove(topic)
  }

  #join({ topic, ref }: Message<'channel:join'>): void {
    const question = ref === undefined ? { topic } : { topic, ref }
    if (this.#memberships.has(topic)) {
      this.#refuse(question, 'already_joined')
    } else if (this.#memberships.size >= MAX_CHANNELS_PER_CONNECTION) {
      this.#refuse(question, 'too_many_channels')
    } else if (!this.#host.rates.channelJoins.take()) {
      this.#refuse(question, 'rate_limited')
    } else {
      const membership: Membership = {}
      this.#memberships.set(topic, membership)
      this.#joining = this.#joining.then(() => this.#decide(question, membership))
    }
  }

  async #decide(question: Question, membership: Membership): Promise<void> {
    const { topic } = question
    const isWanted = () => this.#memberships.get(topic) === membership
    while (isWanted() && this.#answerTime?.isUsedUp(performance.now())) {
      await new Promise((resolve) => setTimeout(resolve, JOIN_RETRY_MS))
    }
    if (!isWanted()) return
    const refusal = await this.#deps.admission.join(this.#host, topic, (grant) => {
      // It may have been left meanwhile, or the socket has ended.
      if (isWanted()) this.#enter(question, membership, grant)
    })
    if (!refusal || !isWanted()) return
    this.#memberships.delete(topic)
    this.#refuse(question, refusal.code)
  }

  #enter({ topic, ...ref }: Question, membership: Membership, grant: Grant): void {
    const { connections, channels, shared, log } = this.#deps
    const host = this.#host
    const wire = new ChannelWire({
      topic,
      host,
      socket: this.#socket,
      onEnd: () => this.#remove(topic),
    })
    const connection = new Connection(
      wire,
      // That of a newer token, perhaps.
      { ...grant, lease: host.lease },
      {
        ...shared,
        topic,
        hasText: true,
        isLarge: false,
        digest: undefined,
        oversizedForMs: 0,
        backlog: undefined,
        broadcasts: this.#ledgers.get(topic),
      },
    )
    membership.connection = connection
    connections.add(connection)
    const { id: connectionId, role, canBroadcast, userId } = connection
    log.info({ connectionId, hostId: host.id, topic, userId, role }, 'joined a channel')
    const startedAt = performance.now()
    connection.cork(() => {
      connection.sendMessage({
        type: 'channel:joined',
        ...{ topic, ...ref, connectionId, role, canBroadcast },
      })
      membership.channel = channels.join(topic, connection)
    })
    this.#answerTime?.charge(startedAt, performance.now() - startedAt)
  }

  /** A channel may have thousands of members, all of whom are sent to one that joins. */
  get #answerTime(): Allowance | undefined {
    return this.#deps.people.find(this.#host.userId)?.answerTime
  }

  #leave(message: Message<'channel:leave'>): void {
    const { topic } = message
    if (!this.#memberships.has(topic)) this.#refuse(message, 'not_joined')
    else {
      this.#remove(topic)
      this.#confirm(message)
    }
  }

  #present(message: Message<'channel:presence'>): void {
    const { topic, state } = message
    const { connection, channel } = this.#memberships.get(topic) ?? {}
    if (!connection || !channel) this.#refuse(message, 'not_joined')
    else if (connection.isHeld) this.#refuse(message, 'unconfirmed')
    else if (isTooLarge(state)) this.#refuse(message, 'too_large')
    else {
      this.#confirm(message)
      this.#deps.conflation.receive(connection, message, (newest) => {
        if ('state' in newest && !connection.isHeld) channel.present(connection, newest.state)
      })
    }
  }

  #broadcast(message: Message<'channel:broadcast'>): void {
    const { topic, ref, event, payload, self = false } = message
    const { connection, channel } = this.#memberships.get(topic) ?? {}
    const answer = (code: string | undefined) => {
      if (code) this.#refuse(message, code)
      else this.#confirm(message)
    }
    if (!connection || !channel) answer('not_joined')
    else if (connection.isHeld) channel.broadcast.refuse('relay_unavailable', answer)
    else {
      const ack = ref !== undefined
      channel.broadcast.receive(connection, { event, payload, self, ack }, answer)
    }
  }

  async #refresh(token: string): Promise<void> {
    await this.#deps.refreshToken(this.#host, token)
    for (const { connection } of this.#memberships.values()) {
      if (connection) connection.lease = this.#host.lease
    }
  }

  #remove(topic: string): void {
    const { connections, channels } = this.#deps
    const { connection, channel } = this.#memberships.get(topic) ?? {}
    this.#memberships.delete(topic)
    if (!connection) return
    this.#keepLedger(topic, connection.broadcasts)
    connection.markClosed()
    connections.remove(connection)
    if (channel) channels.leave(channel, connection)
  }

  #keepLedger(topic: string, ledger: BroadcastLedger): void {
    this.#ledgers.delete(topic)
    this.#ledgers.set(topic, ledger)
    const [oldest = topic] = this.#ledgers.keys()
    if (this.#ledgers.size > MAX_CHANNELS_PER_CONNECTION) this.#ledgers.delete(oldest)
  }

  #confirm({ topic, ref }: Question): void {
    if (ref === undefined) return
    this.#host.sendMessage({ type: 'channel:reply', topic, ref, status: 'ok' })
  }

  #refuse({ topic, ref }: Question, code: ChannelRefusal | (string & {})): void {
    this.#host.sendMessage({
      type: 'channel:reply',
      topic,
      ...(ref !== undefined && { ref }),
      ...{ status: 'error', code },
    })
  }
}

function isTooLarge(state: unknown): boolean {
  if (isNestedDeeper(state, MAX_VALUE_DEPTH)) return true
  return Buffer.byteLength(JSON.stringify(state)) > MAX_PRESENCE_BYTES
}
