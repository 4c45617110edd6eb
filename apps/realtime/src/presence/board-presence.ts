import {
  type ClientMessage,
  type Presence,
  presenceSchema,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { Participant } from './participants.ts'
import { createPresenceCodec } from './presence-codec.ts'
import { SharedPresence, type SharedPresenceDeps } from './shared-presence.ts'

const codec = createPresenceCodec<Presence>(presenceSchema)

/** The selection of a connection that has just joined: shared by all of them, and never changed. */
const NO_SELECTION: string[] = []

/** What the presence of a board needs from its room. */
export interface BoardPresenceDeps extends Omit<SharedPresenceDeps<Presence>, 'codec'> {
  delivery: BoardDelivery
}

/**
 * Who is on a board, over all gateways. Joins, leaves and the newest state of each connection are
 * collected for a window and encoded once for all members.
 */
export class BoardPresence implements PresenceSource {
  readonly #delivery: BoardDelivery
  readonly shared: SharedPresence<Presence>
  /** Connections whose newest state was not sent yet, the oldest first. */
  readonly #changed = new Set<string>()
  /** The joins and leaves of this window, in their order, as frames. */
  #frames: Uint8Array[] = []
  /** Connections that were sent everything in this window: how many frames and changes that covered. */
  #welcomed = new Map<Connection, { frames: number; changes: number }>()
  /** Counts the changes of states. */
  #changes = 0

  constructor({ delivery, ...deps }: BoardPresenceDeps) {
    this.#delivery = delivery
    this.shared = new SharedPresence(
      { ...deps, codec },
      {
        onPut: ({ user }, isNews) => {
          if (isNews) this.#add({ type: 'presence:join', userId: user.id, user })
        },
        onChanged: (connectionId) => this.#mark(connectionId),
        onRemoved: (participant, isLast) => this.#removed(participant, isLast),
      },
    )
    delivery.addSource(this)
  }

  /** A client connected here: it receives who is present, and the others receive its join. */
  join(connection: Connection): void {
    this.shared.put(connection.user, {
      userId: connection.userId,
      connectionId: connection.id,
      cursor: null,
      selection: NO_SELECTION,
      viewport: null,
    })
    this.#change(connection.id)
    this.welcome(connection)
    this.#delivery.schedulePresence()
  }

  /** Sends a connection everything, as when it has just joined. */
  welcome(connection: Connection): void {
    if (!connection.hasText) return
    const { participants } = this.shared
    for (const user of participants.users) {
      if (user.id !== connection.userId) {
        connection.sendMessage({ type: 'presence:join', userId: user.id, user })
      }
    }
    const presences = [...participants.all].map(({ presence }) => presence)
    connection.sendMessage({ type: 'presence:sync', presences, full: true })
    this.#welcomed.set(connection, { frames: this.#frames.length, changes: this.#changes })
  }

  /** The user of a connection is called something else. */
  renamed({ id, user }: Connection): void {
    if (this.shared.rename(id, user)) this.#mark(id)
  }

  leave(connection: Connection): void {
    this.#welcomed.delete(connection)
    this.shared.leave(connection.id)
    this.#delivery.schedulePresence()
  }

  /** A connection moved its cursor, selection or viewport. */
  update(connection: Connection, message: ClientMessage): void {
    const participant = this.shared.participants.get(connection.id)
    if (!participant) return
    const { presence } = participant
    if (message.type === 'presence:update') {
      presence.cursor = message.cursor
      presence.selection = message.selection
    } else if (message.type === 'presence:viewport') {
      presence.viewport = { x: message.x, y: message.y, zoom: message.zoom }
    }
    this.shared.touch(connection.id)
    this.#mark(connection.id)
  }

  get hasPending(): boolean {
    return this.#changed.size > 0 || this.#frames.length > 0 || this.shared.hasGone
  }

  take(maxBytes: number): PresenceFrames {
    const changed = this.#takeChanged(maxBytes)
    const frames = this.#frames
    const welcomed = this.#welcomed
    this.#frames = []
    this.#welcomed = new Map()
    if (changed.length > 0) {
      const texts = changed.map(({ text }) => text)
      frames.push(Buffer.from(`{"type":"presence:sync","presences":[${texts.join(',')}]}`))
    }
    this.shared.relay(changed.map(({ participant }) => participant))
    const known = new Map<Connection, number>()
    for (const [connection, covered] of welcomed) {
      const isCurrent = covered.changes === this.#changes
      known.set(connection, isCurrent ? frames.length : covered.frames)
    }
    return { frames, known, kind: 'presence' }
  }

  /** Encodes each state once, which also gives its size. */
  #takeChanged(maxBytes: number): { participant: Participant<Presence>; text: string }[] {
    const taken: { participant: Participant<Presence>; text: string }[] = []
    let bytes = 0
    for (const id of this.#changed) {
      const participant = this.shared.participants.get(id)
      const text = JSON.stringify(participant?.presence) ?? ''
      bytes += text.length
      if (bytes > maxBytes && taken.length > 0) break
      this.#changed.delete(id)
      if (participant) taken.push({ participant, text })
    }
    return taken
  }

  #removed({ presence }: Participant<Presence>, isLast: boolean): void {
    const { userId, connectionId } = presence
    this.#changed.delete(connectionId)
    // One of a person's tabs closed: the person stays, the cursor of that tab goes.
    const empty = { userId, connectionId, cursor: null, selection: [], viewport: null }
    this.#add(
      isLast ? { type: 'presence:leave', userId } : { type: 'presence:sync', presences: [empty] },
    )
    this.#delivery.schedulePresence()
  }

  #mark(connectionId: string): void {
    this.#change(connectionId)
    this.#delivery.schedulePresence()
  }

  #change(connectionId: string): void {
    this.#changed.add(connectionId)
    this.#changes++
  }

  #add(message: ServerMessage): void {
    this.#frames.push(encodeMessage(message))
  }
}
