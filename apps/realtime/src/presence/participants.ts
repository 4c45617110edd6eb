import type { PresenceUser } from '@mindfuse/protocol'

/** Whose state it is; a board's and a channel's have more. */
export interface OwnedState {
  userId: string
  connectionId: string
}

/** A connection to a board or channel, on any gateway. */
export interface Participant<State extends OwnedState> {
  connectionId: string
  /** The gateway it is on. */
  gatewayId: string
  user: PresenceUser
  presence: State
}

/** Everybody on a board or in a channel: connections, and the people behind them. */
export class Participants<State extends OwnedState> {
  readonly #byConnection = new Map<string, Participant<State>>()
  readonly #connectionCounts = new Map<string, number>()

  get all(): Iterable<Participant<State>> {
    return this.#byConnection.values()
  }

  get(connectionId: string): Participant<State> | undefined {
    return this.#byConnection.get(connectionId)
  }

  /** The people present, each once. */
  get users(): PresenceUser[] {
    const users = new Map<string, PresenceUser>()
    for (const { user } of this.#byConnection.values()) users.set(user.id, user)
    return [...users.values()]
  }

  /** Adds or replaces a connection. @returns whether it is the person's first */
  put(participant: Participant<State>): boolean {
    const known = this.#byConnection.get(participant.connectionId)
    this.#byConnection.set(participant.connectionId, participant)
    if (known) return false
    const { id } = participant.user
    const count = (this.#connectionCounts.get(id) ?? 0) + 1
    this.#connectionCounts.set(id, count)
    return count === 1
  }

  /** Removes a connection. @returns the person's id if it was their last */
  remove(connectionId: string): string | undefined {
    const known = this.#byConnection.get(connectionId)
    if (!known) return undefined
    this.#byConnection.delete(connectionId)
    const { id } = known.user
    const count = (this.#connectionCounts.get(id) ?? 1) - 1
    if (count > 0) {
      this.#connectionCounts.set(id, count)
      return undefined
    }
    this.#connectionCounts.delete(id)
    return id
  }

  /** The connections on one gateway. */
  onGateway(gatewayId: string): Participant<State>[] {
    return [...this.#byConnection.values()].filter(
      (participant) => participant.gatewayId === gatewayId,
    )
  }
}
