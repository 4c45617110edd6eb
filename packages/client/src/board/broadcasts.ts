import type { BroadcastRefusal, ClientMessage, ServerMessage } from '@mindfuse/protocol'
import type { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import type { BoardEvents } from './events.ts'

/** Most characters of an event. The gateway would close a connection that says more. */
const MAX_EVENT_LENGTH = 64

/** Most broadcasts that wait for their answer. */
const MAX_UNANSWERED = 1_000

/** How somebody wants to say something. */
export interface BroadcastOptions {
  /** Whether one hears it oneself, as everybody else does. */
  self?: boolean
}

/** Why a broadcast was not handed on, in words. */
const REASONS: Record<BroadcastRefusal, string> = {
  forbidden: 'viewers of this board may not broadcast',
  too_large: 'the broadcast is too large, or nested too deeply',
  rate_limited: 'too many broadcasts',
  relay_unavailable: 'only who is on the same gateway heard it',
}

interface Unanswered {
  resolve: () => void
  reject: (error: MindfuseError) => void
}

/** What is said to a board for the moment, and what of it was handed on. */
export class Broadcasts {
  readonly #say: (message: ClientMessage) => boolean
  readonly #events: Emitter<BoardEvents>
  readonly #unanswered = new Map<number, Unanswered>()
  /** How many this connection has sent. */
  #seq = 0
  #maxBytes = 0

  constructor(deps: {
    say: (message: ClientMessage) => boolean
    events: Emitter<BoardEvents>
  }) {
    this.#say = deps.say
    this.#events = deps.events
  }

  /** Sends it, if there is a line. @returns whether there was */
  send(event: string, payload: unknown, options: BroadcastOptions): boolean {
    return this.#send({ event, payload, ...options }) !== undefined
  }

  /** Sends it, and resolves when it was handed on. @throws MindfuseError where it was not */
  async confirm(event: string, payload: unknown, options: BroadcastOptions): Promise<void> {
    if (this.#unanswered.size >= MAX_UNANSWERED) throw refusal('rate_limited')
    const seq = this.#send({ event, payload, ...options, ack: true })
    if (seq === undefined) throw new MindfuseError('network_error', 'the board is not online')
    return new Promise((resolve, reject) => this.#unanswered.set(seq, { resolve, reject }))
  }

  /** The gateway said hello, and what it takes. */
  open({ maxBroadcastBytes }: { maxBroadcastBytes: number }): void {
    this.#maxBytes = maxBroadcastBytes
  }

  /** The connection is gone, and answers with it; the next one counts from 1. */
  down(): void {
    this.#seq = 0
    for (const { reject } of this.#unanswered.values()) {
      reject(new MindfuseError('network_error', 'the connection ended before an answer came'))
    }
    this.#unanswered.clear()
  }

  /** @returns whether the message was about broadcasts */
  receive(message: ServerMessage): boolean {
    switch (message.type) {
      case 'broadcast': {
        const { type: _, ...broadcast } = message
        this.#events.emit('broadcast', broadcast)
        this.#events.emit(`broadcast:${broadcast.event}`, broadcast)
        return true
      }
      case 'broadcast:ack':
        this.#take(message.seq)?.resolve()
        return true
      case 'broadcast:rejected': {
        const error = refusal(message.code)
        const unanswered = this.#take(message.seq)
        // Nobody waits for the answer, so the board tells.
        if (unanswered) unanswered.reject(error)
        else this.#events.emit('error', error)
        return true
      }
      default:
        return false
    }
  }

  /** @returns its number, or undefined without a line */
  #send(broadcast: Omit<Extract<ClientMessage, { type: 'broadcast' }>, 'type'>) {
    const { event, payload = null } = broadcast
    if (event.length === 0 || event.length > MAX_EVENT_LENGTH) {
      throw new RangeError(`an event has 1 to ${MAX_EVENT_LENGTH} characters`)
    }
    const message: ClientMessage = { ...broadcast, type: 'broadcast', payload }
    // Known too late, it would have travelled for nothing.
    if (this.#maxBytes > 0 && bytesOf(message) > this.#maxBytes) throw refusal('too_large')
    return this.#say(message) ? ++this.#seq : undefined
  }

  #take(seq: number): Unanswered | undefined {
    const unanswered = this.#unanswered.get(seq)
    this.#unanswered.delete(seq)
    return unanswered
  }
}

function refusal(code: BroadcastRefusal): MindfuseError {
  return new MindfuseError(code, REASONS[code])
}

function bytesOf(message: ClientMessage): number {
  return new TextEncoder().encode(JSON.stringify(message)).length
}
