import type { Answer } from './replies.ts'
import type { ChannelSendStatus, ChannelState } from './types.ts'

type Settle = (status: ChannelSendStatus) => void

/** What the presence of a channel needs from its session. */
export interface OwnPresenceDeps {
  state: () => ChannelState
  /** Sends a state; `null` for none. */
  send: (state: unknown, onAnswer: (answer: Answer) => void) => 'sent' | 'too_large' | 'offline'
  /** Reports what was refused. */
  outcome: (answer: Answer) => ChannelSendStatus
}

/** The state that you are present with in a channel: given with each join, until it is withdrawn. */
export class OwnPresence {
  readonly #deps: OwnPresenceDeps
  /** The state to be present with, and the last that the gateway took; undefined for none. */
  #tracked: unknown
  #accepted: unknown
  /** Those who wait until the gateway has the newest state. */
  #waiting: Settle[] = []

  constructor(deps: OwnPresenceDeps) {
    this.#deps = deps
  }

  /** Tracks a state, or none with undefined. */
  track(state: unknown): Promise<ChannelSendStatus> {
    this.#tracked = state
    return new Promise((settle) => {
      this.#waiting.push(settle)
      if (this.#deps.state() === 'joined') this.give()
    })
  }

  /** The channel was joined, or access is confirmed: gives the gateway the newest state. */
  give(): void {
    const state = this.#tracked
    if (state === undefined && this.#waiting.length === 0) return
    const waiting = this.#waiting.splice(0)
    const answered = (answer: Answer) => this.#answered(answer, state, waiting)
    const sent = this.#deps.send(state ?? null, answered)
    if (sent === 'offline') answered({ status: 'error', code: 'network_error' })
    else if (sent === 'too_large') answered({ status: 'error', code: sent })
  }

  /** The channel has ended. */
  clear(): void {
    this.#tracked = undefined
    this.#accepted = undefined
    for (const settle of this.#waiting.splice(0)) settle('error')
  }

  #answered(answer: Answer, state: unknown, waiting: Settle[]): void {
    const code = answer.status === 'error' ? answer.code : undefined
    // It is given again once the channel is joined, or access is confirmed.
    const isDeferred = code === 'network_error' || code === 'not_joined' || code === 'unconfirmed'
    if (isDeferred && this.#deps.state() !== 'closed') {
      this.#waiting.unshift(...waiting)
      return
    }
    if (answer.status === 'ok') this.#accepted = state
    // The gateway keeps the one before, which is also the one to join with again.
    else if (code !== undefined && this.#tracked === state) this.#tracked = this.#accepted
    const outcome = this.#deps.outcome(answer)
    for (const settle of waiting) settle(outcome)
  }
}
