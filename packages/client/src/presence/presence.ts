import {
  type ClientMessage,
  MAX_PRESENCE_BYTES,
  type Presence as PresenceState,
  type PresenceUser,
  type ServerMessage,
} from '@mindfuse/protocol'
import { Emitter } from '../emitter.ts'
import { Throttle } from './throttle.ts'

/** Shortest interval between two messages, with others on the board and alone, milliseconds. */
const WITH_OTHERS_MS = 33
const ALONE_MS = 1_000

/** Most ids in a selection, and most characters of each, that a gateway accepts. */
const MAX_SELECTION = 500
const MAX_SELECTION_ID_LENGTH = 128

/** A position in the board's coordinates. */
export interface Point {
  x: number
  y: number
}

/** The visible part of the board. */
export interface Viewport extends Point {
  /** Greater than 0. */
  zoom: number
}

/** The presence of one connection; a user with two tabs has two. */
export interface PresentConnection {
  connectionId: string
  cursor: Point | null
  selection: readonly string[]
  viewport: Viewport | null
}

/** What you show to others. */
export type OwnPresence = Omit<PresentConnection, 'connectionId'>

/** A user on the board. */
export interface PresentUser {
  user: PresenceUser
  connections: readonly PresentConnection[]
}

/** The events of presence, with what their listeners receive. */
export interface PresenceEvents {
  /** A user joined with their first connection. */
  join: [user: PresenceUser]
  /** A user left with their last connection. */
  leave: [user: PresenceUser]
  /** A cursor, selection or viewport changed; all users. */
  sync: [users: readonly PresentUser[]]
  /** You changed your own cursor, selection or viewport. */
  self: [self: OwnPresence]
}

/**
 * Who is on a board, and your own cursor, selection and viewport. `users` includes you.
 *
 * @example
 * ```ts
 * board.presence.on('sync', () => {
 *   for (const { user, cursor } of board.presence.others) if (cursor) drawCursor(user.name, cursor)
 * })
 * ```
 */
export class Presence {
  readonly #send: (message: ClientMessage) => boolean
  readonly #events = new Emitter<PresenceEvents>()
  readonly #people = new Map<string, PresentUser>()
  readonly #update = new Throttle(
    () => this.#sendUpdate(),
    () => this.#intervalMs,
  )
  readonly #view = new Throttle(
    () => this.#sendViewport(),
    () => this.#intervalMs,
  )
  #connectionId: string | undefined
  #shown: { cursor: Point | null; selection: string[] } | undefined
  #viewport: Viewport | undefined

  constructor(send: (message: ClientMessage) => boolean) {
    this.#send = send
  }

  /**
   * Calls `listener` at each event. @returns a function that removes the listener
   *
   * @example
   * ```ts
   * board.presence.on('join', ({ name }) => show(`${name} joined`))
   * board.presence.on('leave', ({ name }) => show(`${name} left`))
   * ```
   */
  readonly on: Emitter<PresenceEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** All users on the board. */
  get users(): readonly PresentUser[] {
    return [...this.#people.values()]
  }

  /** All connections except this one: the cursors to draw. */
  get others(): readonly (PresentConnection & { user: PresenceUser })[] {
    return this.users.flatMap(({ user, connections }) =>
      connections
        .filter(({ connectionId }) => connectionId !== this.#connectionId)
        .map((connection) => ({ ...connection, user })),
    )
  }

  /** Your own cursor, selection and viewport, also while the board is offline. */
  get self(): OwnPresence {
    const { cursor = null, selection = [] } = this.#shown ?? {}
    return { cursor, selection, viewport: this.#viewport ?? null }
  }

  /**
   * Sets your cursor and selection; omitted fields keep their value. Call it at every move: it sends at
   * most 30 messages a second, and one a second while you are alone. A selection that is too long for a
   * message is cut.
   *
   * @throws RangeError for a coordinate that is not a finite number
   *
   * @example
   * ```ts
   * board.presence.update({ cursor: { x: 12, y: 7 }, selection: ['circle'] })
   * board.presence.update({ cursor: null })
   * ```
   */
  update(change: { cursor?: Point | null; selection?: readonly string[] }): void {
    const { cursor = null, selection = [] } = this.#shown ?? {}
    const next = change.cursor === undefined ? cursor : change.cursor
    if (next) requireFinite(next.x, next.y)
    this.#shown = {
      cursor: next && { x: next.x, y: next.y },
      selection: change.selection === undefined ? selection : trimSelection(change.selection),
    }
    this.#update.request()
    this.#events.emit('self', this.self)
  }

  /**
   * Sets your viewport, so that others can follow it.
   *
   * @throws RangeError for a number that is not finite, or a `zoom` that is not greater than 0
   *
   * @example
   * ```ts
   * board.presence.viewport({ x: 0, y: 0, zoom: 1.5 })
   * ```
   */
  viewport({ x, y, zoom }: Viewport): void {
    requireFinite(x, y, zoom)
    if (zoom <= 0) throw new RangeError('zoom has to be greater than 0')
    this.#viewport = { x, y, zoom }
    this.#view.request()
    this.#events.emit('self', this.self)
  }

  /** The gateway sent hello, and does not know the local state yet. @internal */
  connected({ connectionId, user }: { connectionId: string; user: PresenceUser }): void {
    this.#removeConnection(this.#connectionId)
    this.#connectionId = connectionId
    this.#join(user)
    if (this.#shown) this.#update.request()
    if (this.#viewport) this.#view.request()
  }

  /** The connection is gone; the users stay until the next one replaces them. @internal */
  disconnected(): void {
    this.#update.cancel()
    this.#view.cancel()
  }

  /** The board is closed: all users leave. @internal */
  clear(): void {
    this.disconnected()
    for (const userId of [...this.#people.keys()]) this.#leave(userId)
  }

  /** @internal */
  receive(message: ServerMessage): void {
    if (message.type === 'presence:join') this.#join(message.user)
    else if (message.type === 'presence:leave') this.#leave(message.userId)
    else if (message.type === 'presence:sync') this.#sync(message.presences, message.full === true)
  }

  get #intervalMs(): number {
    return this.others.length > 0 ? WITH_OTHERS_MS : ALONE_MS
  }

  #join(user: PresenceUser): void {
    const known = this.#people.get(user.id)
    this.#people.set(user.id, { user, connections: known?.connections ?? [] })
    if (!known) this.#events.emit('join', user)
  }

  /** The gateway announces the end of a connection only if it was the user's last. */
  #removeConnection(connectionId: string | undefined): void {
    for (const [userId, { user, connections }] of this.#people) {
      const others = connections.filter((connection) => connection.connectionId !== connectionId)
      if (others.length < connections.length)
        this.#people.set(userId, { user, connections: others })
    }
  }

  #leave(userId: string): void {
    const person = this.#people.get(userId)
    if (!person) return
    this.#people.delete(userId)
    this.#events.emit('leave', person.user)
  }

  #sync(presences: readonly PresenceState[], isFull: boolean): void {
    if (isFull) {
      const present = new Set(presences.map(({ userId }) => userId))
      for (const userId of [...this.#people.keys()]) {
        if (!present.has(userId)) this.#leave(userId)
      }
      for (const [userId, { user }] of this.#people) {
        this.#people.set(userId, { user, connections: [] })
      }
    }
    for (const { userId, ...connection } of presences) {
      const person = this.#people.get(userId)
      if (!person) continue
      const others = person.connections.filter(
        ({ connectionId }) => connectionId !== connection.connectionId,
      )
      this.#people.set(userId, { user: person.user, connections: [...others, connection] })
    }
    // A newcomer should see the cursor now, not at the slow interval of a user who is alone.
    this.#update.reconsider()
    this.#view.reconsider()
    this.#events.emit('sync', this.users)
  }

  #sendUpdate(): void {
    if (this.#shown) this.#send({ type: 'presence:update', ...this.#shown })
  }

  #sendViewport(): void {
    if (this.#viewport) this.#send({ type: 'presence:viewport', ...this.#viewport })
  }
}

function requireFinite(...numbers: number[]): void {
  // JSON turns it into null, and the gateway closes a connection that sends that.
  if (!numbers.every(Number.isFinite)) throw new RangeError('coordinates have to be finite numbers')
}

/** Upper bound of a message without its selection, bytes. */
const ENVELOPE_BYTES = 256

function trimSelection(selection: readonly string[]): string[] {
  const encoder = new TextEncoder()
  let bytes = ENVELOPE_BYTES
  const shown: string[] = []
  for (const id of selection) {
    if (id.length > MAX_SELECTION_ID_LENGTH) continue
    bytes += encoder.encode(JSON.stringify(id)).length + 1
    if (shown.length === MAX_SELECTION || bytes > MAX_PRESENCE_BYTES) break
    shown.push(id)
  }
  return shown
}
