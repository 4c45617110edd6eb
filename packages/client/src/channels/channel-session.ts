import type { ChannelClientMessage, ChannelHello, ChannelReceived } from '@mindfuse/protocol'
import { fullJitter, STABLE_MS } from '../backoff.ts'
import { checkBroadcast } from '../connection/broadcast.ts'
import { nextStepAfterClose } from '../connection/next-step.ts'
import { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import { channelError } from './channel-error.ts'
import type { ChannelSocket, Member } from './channel-socket.ts'
import { OwnPresence } from './own-presence.ts'
import { PresenceState, stateOnWire } from './presence-state.ts'
import type { Answer } from './replies.ts'
import type {
  ChannelEvents,
  ChannelOptions,
  ChannelSendStatus,
  ChannelState,
  ChannelStatus,
  OnChannelStatus,
} from './types.ts'

/** Most broadcasts that wait for the channel: a gateway takes 60 at once. */
const MAX_BUFFERED = 50

/** Refusals of a join that joining again does not change. */
const FINAL = ['channel_not_found', 'too_many_channels', 'already_joined']

type Settle = (status: ChannelSendStatus) => void

type Received = Exclude<ChannelReceived, ChannelHello>

/** A broadcast, and whom its fate is reported to. */
interface Outgoing {
  message: Extract<ChannelClientMessage, { type: 'channel:broadcast' }>
  settle: Settle
}

/** What a session needs from its client. */
export interface ChannelSessionDeps {
  topic: string
  options: ChannelOptions
  socket: ChannelSocket
  random: () => number
  onSubscribed: () => void
  onClosed: () => void
}

/**
 * Everything behind a channel: joins it whenever the socket is connected, sends what waited, and gives the
 * state that is tracked again.
 */
export class ChannelSession implements Member {
  readonly topic: string
  readonly events = new Emitter<ChannelEvents>()
  readonly presence = new PresenceState(this.events)
  readonly #deps: ChannelSessionDeps
  readonly #own: OwnPresence
  #state: ChannelState = 'closed'
  /** A new one with each subscription: the end of one is no news for the next. */
  #status = new Emitter<{ status: [status: ChannelStatus, error?: MindfuseError] }>()
  #timeoutMs = 0
  #buffer: Outgoing[] = []
  /** Counts joins: answers to an older one are ignored. */
  #joins = 0
  #failures = 0
  #joinedAt = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #joinTimer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: ChannelSessionDeps) {
    this.topic = deps.topic
    this.#deps = deps
    this.#own = new OwnPresence({
      state: () => this.#state,
      send: (state, onAnswer) => {
        const message = { type: 'channel:presence', topic: this.topic, state } as const
        return deps.socket.send(message, onAnswer, this.#timeoutMs)
      },
      outcome: (answer) => this.#outcome('presence', answer),
    })
  }

  get state(): ChannelState {
    return this.#state
  }

  subscribe(onStatus: OnChannelStatus, timeoutMs: number): void {
    if (this.#state !== 'closed') {
      this.#status.on('status', onStatus)
      if (this.#state === 'joined') onStatus('SUBSCRIBED')
      return
    }
    this.#state = 'joining'
    this.#status = new Emitter()
    this.#status.on('status', onStatus)
    this.#timeoutMs = timeoutMs
    this.#deps.onSubscribed()
    this.#watch()
    try {
      this.#deps.socket.enter(this)
    } catch (error) {
      this.denied(error as MindfuseError)
    }
  }

  unsubscribe(timeoutMs: number): Promise<ChannelSendStatus> {
    const status = this.#status
    const wasSubscribed = this.#state !== 'closed'
    this.#release()
    return new Promise((resolve) => {
      const left = (answer: Answer) => {
        status.emit('status', 'CLOSED')
        // What was not joined, or has lost its connection, is left.
        resolve(answer.status === 'timed out' ? 'timed out' : 'ok')
      }
      const message = { type: 'channel:leave', topic: this.topic } as const
      if (!wasSubscribed) resolve('ok')
      else if (this.#deps.socket.send(message, left, timeoutMs) !== 'sent') left({ status: 'ok' })
    })
  }

  /** The client is closed. */
  close(): void {
    const status = this.#status
    this.#release()
    status.emit('status', 'CLOSED')
  }

  /** @throws RangeError or TypeError if it is no broadcast */
  async send(event: string, payload: unknown): Promise<ChannelSendStatus> {
    const { self = false } = this.#deps.options.broadcast ?? {}
    const message = checkBroadcast({
      ...({ type: 'channel:broadcast', topic: this.topic, event, payload } as const),
      ...(self && { self }),
    })
    return new Promise((settle) => {
      if (this.#state === 'closed') settle('error')
      else if (this.#state === 'joined') this.#write({ message, settle })
      else this.#keep({ message, settle })
    })
  }

  /** @throws TypeError unless it is JSON */
  async track(state: object): Promise<ChannelSendStatus> {
    if (this.#state === 'closed') return 'error'
    return this.#own.track(stateOnWire(state, this.#deps.options.presence?.key))
  }

  async untrack(): Promise<ChannelSendStatus> {
    return this.#state === 'closed' ? 'ok' : this.#own.track(undefined)
  }

  connected(): void {
    this.#join()
  }

  disconnected(): void {
    clearTimeout(this.#retryTimer)
    if (this.#state === 'joined') this.#fail(channelError('network_error'))
  }

  denied(error: MindfuseError): void {
    const status = this.#status
    this.#release()
    status.emit('status', 'CHANNEL_ERROR', error)
  }

  receive(message: Received): void {
    // Sent before it was left and joined again.
    if (this.#state !== 'joined') return
    switch (message.type) {
      case 'channel:broadcast': {
        const { event, payload, user, connectionId } = message
        const broadcast = { type: 'broadcast', event, payload, user, connectionId } as const
        if (event !== '*') this.events.emit(`broadcast:${event}`, broadcast)
        this.events.emit('broadcast:*', broadcast)
        break
      }
      case 'channel:presence':
        this.presence.receive(message)
        break
      case 'channel:reply':
        // To what did not ask: a broadcast.
        if (message.ref === undefined && message.status === 'error')
          this.#trouble('broadcast', message.code)
        break
      case 'channel:closed':
        this.#closed(message)
        break
      case 'access':
        if (message.state === 'confirmed') this.#own.give()
        break
    }
  }

  #join(): void {
    clearTimeout(this.#retryTimer)
    this.#state = 'joining'
    this.#watch()
    const join = ++this.#joins
    this.#deps.socket.send({ type: 'channel:join', topic: this.topic }, (answer) => {
      if (join === this.#joins) this.#joinAnswered(answer)
    })
  }

  #joinAnswered(answer: Answer): void {
    if (answer.status === 'ok') this.#joined()
    else if (answer.status === 'error' && answer.code !== 'network_error') {
      const error = channelError(answer.code)
      if (FINAL.includes(answer.code)) this.denied(error)
      else this.#retry(error)
    }
  }

  #joined(): void {
    const join = this.#joins
    this.#state = 'joined'
    this.#joinedAt = Date.now()
    this.#unwatch()
    this.#own.give()
    this.#flush()
    // The listener of a refusal may have left it.
    if (join === this.#joins) this.#status.emit('status', 'SUBSCRIBED')
  }

  /** The gateway ended the channel. */
  #closed({ code, reason }: { code: number; reason: string }): void {
    const next = nextStepAfterClose(code, this.#deps)
    const error = new MindfuseError(next.code, `The channel was closed: ${reason}`)
    if (next.kind === 'denied') this.denied(error)
    else this.#retry(error)
  }

  #retry(error: MindfuseError): void {
    this.#fail(error)
    // Its listener may have left it.
    if (this.#state !== 'errored') return
    const delay = fullJitter(this.#failures++, this.#deps.random)
    this.#retryTimer = setTimeout(() => this.#join(), delay)
  }

  #fail(error: MindfuseError): void {
    if (this.#state === 'joined' && Date.now() - this.#joinedAt >= STABLE_MS) this.#failures = 0
    this.#state = 'errored'
    this.#unwatch()
    this.#status.emit('status', 'CHANNEL_ERROR', error)
  }

  /** Reports it once if joining takes too long; it goes on. */
  #watch(): void {
    this.#joinTimer ??= setTimeout(() => {
      this.#joinTimer = undefined
      this.#status.emit('status', 'TIMED_OUT')
    }, this.#timeoutMs)
  }

  #unwatch(): void {
    clearTimeout(this.#joinTimer)
    this.#joinTimer = undefined
  }

  /** Ends the subscription, and leaves it to the caller to report that. */
  #release(): void {
    this.#state = 'closed'
    this.#joins++
    this.#failures = 0
    this.#unwatch()
    clearTimeout(this.#retryTimer)
    this.#own.clear()
    this.presence.clear()
    for (const { settle } of this.#buffer.splice(0)) settle('error')
    this.#deps.socket.exit(this)
    this.#deps.onClosed()
  }

  #keep(outgoing: Outgoing): void {
    this.#buffer.push(outgoing)
    if (this.#buffer.length > MAX_BUFFERED) {
      this.#buffer.shift()?.settle(this.#trouble('broadcast', 'buffer_full'))
    }
  }

  /** Sends what waits, as long as the channel is joined. */
  #flush(): void {
    for (let count = this.#buffer.length; count > 0; count--) {
      const outgoing = this.#state === 'joined' ? this.#buffer.shift() : undefined
      if (outgoing) this.#write(outgoing)
    }
  }

  #write(outgoing: Outgoing): void {
    const { message, settle } = outgoing
    const { socket, options } = this.#deps
    const { ack = false } = options.broadcast ?? {}
    const answered = (answer: Answer) => settle(this.#outcome('broadcast', answer))
    const sent = socket.send(message, ack ? answered : undefined, this.#timeoutMs)
    if (sent === 'offline') this.#keep(outgoing)
    else if (sent === 'too_large') settle(this.#trouble('broadcast', 'too_large'))
    else if (!ack) settle('ok')
  }

  #outcome(extension: 'broadcast' | 'presence', answer: Answer): ChannelSendStatus {
    return answer.status === 'error' ? this.#trouble(extension, answer.code) : answer.status
  }

  #trouble(extension: 'broadcast' | 'presence', code: string): 'error' {
    const error = channelError(code)
    const { topic: channel } = this
    this.events.emit('system:', {
      status: 'error',
      extension,
      channel,
      message: error.message,
      error,
    })
    return 'error'
  }
}
