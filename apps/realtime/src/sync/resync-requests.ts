/** How long a request counts as pending when no reply arrives, milliseconds. */
const REPLY_TIMEOUT_MS = 5_000

/**
 * Peers that were asked to resync because an update of theirs skipped ahead. Their reply covers
 * everything they sent before it, so one pending request at a time is enough, however many updates
 * skip.
 */
export class ResyncRequests<Peer extends object> {
  readonly #sentAt = new WeakMap<Peer, number>()
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Opens a request. @returns whether none was pending, so that it has to be sent */
  open(peer: Peer): boolean {
    const sentAt = this.#sentAt.get(peer)
    if (sentAt !== undefined && this.#now() - sentAt < REPLY_TIMEOUT_MS) return false
    this.#sentAt.set(peer, this.#now())
    return true
  }

  /** The reply arrived. */
  close(peer: Peer): void {
    this.#sentAt.delete(peer)
  }
}
