import {
  type ClientMessage,
  MAX_PRESENCE_BYTES,
  type Presence as PresenceState,
  type PresenceUser,
  type ServerMessage,
} from '@mindfuse/protocol'
import { Emitter } from '../emitter.ts'
import { Throttle } from './throttle.ts'

/** How often one's state leaves while others watch, and while nobody does, milliseconds. */
const IN_COMPANY_MS = 33
const ALONE_MS = 1_000

/** Most ids in a selection, and most characters of each, that a gateway takes. */
const MAX_SELECTION = 500
const MAX_SELECTION_ID_LENGTH = 128

/** Where a cursor is, in the board's coordinates. */
export interface Point {
  x: number
  y: number
}

/** What part of the board somebody sees. */
export interface Viewport extends Point {
  /** Above 0. */
  zoom: number
}

/** What one connection shows; somebody with two tabs has two. */
export interface PresentConnection {
  connectionId: string
  cursor: Point | null
  selection: readonly string[]
  viewport: Viewport | null
}

/** Somebody on the board. */
export interface PresentUser {
  user: PresenceUser
  connections: readonly PresentConnection[]
}

/** What presence tells. */
export interface PresenceEvents {
  /** Somebody came. */
  join: [user: PresenceUser]
  /** Somebody went with their last connection. */
  leave: [user: PresenceUser]
  /** Somebody moved; everybody who is there. */
  sync: [users: readonly PresentUser[]]
}

/** Who is on a board, and what of oneself they see. One's own tabs are among `users`. */
export class Presence {
  readonly #say: (message: ClientMessage) => boolean
  readonly #events = new Emitter<PresenceEvents>()
  readonly #people = new Map<string, PresentUser>()
  readonly #update = new Throttle(
    () => this.#sayUpdate(),
    () => this.#intervalMs,
  )
  readonly #view = new Throttle(
    () => this.#sayViewport(),
    () => this.#intervalMs,
  )
  #connectionId: string | undefined
  #shown: { cursor: Point | null; selection: string[] } | undefined
  #viewport: Viewport | undefined

  constructor(say: (message: ClientMessage) => boolean) {
    this.#say = say
  }

  /** Calls `listener` at each event. @returns a function that ends that */
  readonly on: Emitter<PresenceEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** Everybody on the board. */
  get users(): readonly PresentUser[] {
    return [...this.#people.values()]
  }

  /** Everybody's connections but this one: the cursors to draw. */
  get others(): readonly (PresentConnection & { user: PresenceUser })[] {
    return this.users.flatMap(({ user, connections }) =>
      connections
        .filter(({ connectionId }) => connectionId !== this.#connectionId)
        .map((connection) => ({ ...connection, user })),
    )
  }

  /**
   * Shows where one's cursor is and what is selected; what is left out stays as it was. Call it at
   * every move: 30 a second leave at most, and one a second while nobody else is there. Of a
   * selection that is too long for a message its beginning is shown.
   *
   * @throws RangeError for a coordinate that is no number
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
  }

  /** Shows what part of the board one sees. @throws RangeError for what is no viewport */
  viewport({ x, y, zoom }: Viewport): void {
    requireFinite(x, y, zoom)
    if (zoom <= 0) throw new RangeError('zoom has to be above 0')
    this.#viewport = { x, y, zoom }
    this.#view.request()
  }

  /** The gateway said hello: it knows nothing yet of what one shows. @internal */
  open({ connectionId, user }: { connectionId: string; user: PresenceUser }): void {
    this.#forget(this.#connectionId)
    this.#connectionId = connectionId
    this.#join(user)
    if (this.#shown) this.#update.request()
    if (this.#viewport) this.#view.request()
  }

  /** The connection is gone; who was there is shown on, until the next one says who is. @internal */
  down(): void {
    this.#update.cancel()
    this.#view.cancel()
  }

  /** Nobody is to be seen any more. @internal */
  clear(): void {
    this.down()
    for (const userId of [...this.#people.keys()]) this.#leave(userId)
  }

  /** @internal */
  receive(message: ServerMessage): void {
    if (message.type === 'presence:join') this.#join(message.user)
    else if (message.type === 'presence:leave') this.#leave(message.userId)
    else if (message.type === 'presence:sync') this.#sync(message.presences, message.full === true)
  }

  get #intervalMs(): number {
    return this.others.length > 0 ? IN_COMPANY_MS : ALONE_MS
  }

  #join(user: PresenceUser): void {
    const known = this.#people.get(user.id)
    this.#people.set(user.id, { user, connections: known?.connections ?? [] })
    if (!known) this.#events.emit('join', user)
  }

  /** The gateway says of a connection that it is gone only where the person went with it. */
  #forget(connectionId: string | undefined): void {
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
    // Whoever just came wants to see the cursor now, not when the slow pace says so.
    this.#update.reconsider()
    this.#view.reconsider()
    this.#events.emit('sync', this.users)
  }

  #sayUpdate(): void {
    if (this.#shown) this.#say({ type: 'presence:update', ...this.#shown })
  }

  #sayViewport(): void {
    if (this.#viewport) this.#say({ type: 'presence:viewport', ...this.#viewport })
  }
}

function requireFinite(...numbers: number[]): void {
  // JSON would make null of it, and the gateway closes a connection that says that.
  if (!numbers.every(Number.isFinite)) throw new RangeError('coordinates have to be finite numbers')
}

/** Bytes of a message beside the selection, generously. */
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
