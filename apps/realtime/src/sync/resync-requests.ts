import type { EditRefusal } from '@mindfuse/protocol'

/** How long a request counts as pending when no reply arrives, milliseconds. */
const REPLY_TIMEOUT_MS = 5_000

/** How long a peer is not asked again after an edit of it was refused, at first and at most, milliseconds. */
const MIN_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 30_000

interface PeerState {
  /** When it was asked last; `-Infinity` once it has replied. */
  askedAt: number
  /** When it may be asked again. */
  notBefore: number
  backoffMs: number
  refusal: EditRefusal | undefined
  timer: NodeJS.Timeout | undefined
}

/**
 * Asks peers to resync: those of whom an update skipped ahead, and, less and less often, those of whom an
 * edit was refused, which has to be sent again. Their reply covers everything they sent before it, so one
 * pending request at a time is enough, however many updates skip.
 */
export class ResyncRequests<Peer extends object> {
  readonly #ask: (peer: Peer) => void
  readonly #now: () => number
  readonly #states = new WeakMap<Peer, PeerState>()

  /** `now` is in milliseconds, for tests. */
  constructor(ask: (peer: Peer) => void, now: () => number = () => performance.now()) {
    this.#ask = ask
    this.#now = now
  }

  /**
   * Something of a peer is missing here: asks for it, unless a request is pending, now or when it may.
   * @returns why it must wait, if an edit of it was refused
   */
  request(peer: Peer): EditRefusal | undefined {
    const state = this.#stateOf(peer)
    const now = this.#now()
    if (now < state.notBefore) {
      this.#schedule(peer, state)
      return state.refusal
    }
    if (now - state.askedAt >= REPLY_TIMEOUT_MS && !state.timer) this.#send(peer, state)
    return undefined
  }

  /** The reply arrived. */
  replied(peer: Peer): void {
    const state = this.#states.get(peer)
    if (state) state.askedAt = Number.NEGATIVE_INFINITY
  }

  /** A reply was accepted: it contains what was refused before. */
  accepted(peer: Peer): void {
    clearTimeout(this.#states.get(peer)?.timer)
    this.#states.delete(peer)
  }

  /**
   * An edit was refused, and so would be the reply to a request that is sent at once.
   * @param options.asksLater whether to ask for it later, even if no other edit follows
   * @param options.backoffMs how long not to ask; it doubles with each reply that is refused by default
   */
  refused(
    peer: Peer,
    refusal: EditRefusal | undefined,
    { asksLater, backoffMs }: { asksLater: boolean; backoffMs?: number },
  ): void {
    const state = this.#stateOf(peer)
    const now = this.#now()
    // Those that follow a refused edit are refused with it: they count as one.
    if (now >= state.notBefore) {
      const doubled = Math.min(MAX_BACKOFF_MS, 2 * state.backoffMs || MIN_BACKOFF_MS)
      state.backoffMs = backoffMs ?? doubled
      state.notBefore = now + state.backoffMs
    }
    state.refusal = refusal
    if (asksLater) this.#schedule(peer, state)
  }

  #stateOf(peer: Peer): PeerState {
    const known = this.#states.get(peer)
    if (known) return known
    const state = {
      askedAt: Number.NEGATIVE_INFINITY,
      notBefore: 0,
      backoffMs: 0,
      refusal: undefined,
      timer: undefined,
    }
    this.#states.set(peer, state)
    return state
  }

  #schedule(peer: Peer, state: PeerState): void {
    state.timer ??= setTimeout(() => {
      state.timer = undefined
      this.#send(peer, state)
    }, state.notBefore - this.#now()).unref()
  }

  #send(peer: Peer, state: PeerState): void {
    state.askedAt = this.#now()
    this.#ask(peer)
  }
}
