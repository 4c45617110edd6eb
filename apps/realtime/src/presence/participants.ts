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
  readonly #people = new Map<string, { user: PresenceUser; connections: number }>()

  get all(): Iterable<Participant<State>> {
    return this.#byConnection.values()
  }

  get(connectionId: string): Participant<State> | undefined {
    return this.#byConnection.get(connectionId)
  }

  /** The people present, each once. */
  get users(): PresenceUser[] {
    return Array.from(this.#people.values(), ({ user }) => user)
  }

  /**
   * Adds or replaces a connection. Tokens made before have a former name: only a connection that is known tells
   * of a new one. @returns whether the person was not present before, or not by this name
   */
  put(participant: Participant<State>): boolean {
    const { connectionId, user } = participant
    const known = this.#byConnection.get(connectionId)
    this.#byConnection.set(connectionId, participant)
    const person = this.#people.get(user.id)
    if (!person) {
      this.#people.set(user.id, { user, connections: 1 })
      return true
    }
    if (!known) {
      person.connections++
      return false
    }
    const isRenamed = known.user.name !== user.name && person.user.name !== user.name
    if (isRenamed) person.user = user
    return isRenamed
  }

  /** Removes a connection. @returns the person's id if it was their last */
  remove(connectionId: string): string | undefined {
    const known = this.#byConnection.get(connectionId)
    if (!known) return undefined
    this.#byConnection.delete(connectionId)
    const { id } = known.user
    const person = this.#people.get(id)
    if (!person || --person.connections > 0) return undefined
    this.#people.delete(id)
    return id
  }

  /** The connections on one gateway. */
  onGateway(gatewayId: string): Participant<State>[] {
    return [...this.#byConnection.values()].filter(
      (participant) => participant.gatewayId === gatewayId,
    )
  }
}
