import type { ChannelPresence, ChannelReceived } from '@mindfuse/protocol'
import type { Emitter } from '../emitter.ts'
import type { ChannelEvents, ChannelPresenceState, ChannelPresent } from './types.ts'

/** The field of a state on the wire that has its key. */
const KEY_FIELD = 'presence_key'

/** What a connection is present with, and where it is listed. */
interface Entry {
  connectionId: string
  key: string
  /** The state as it arrived. */
  text: string
  present: ChannelPresent
}

type PresenceMessage = Extract<ChannelReceived, { type: 'channel:presence' }>

/** A state as it is sent: with the key that it is listed under. @throws TypeError unless it is JSON */
export function stateOnWire(state: object, key: string | undefined): unknown {
  return JSON.parse(JSON.stringify({ ...state, ...(key !== undefined && { [KEY_FIELD]: key }) }))
}

/** Who is present in a channel, by key. A state that changes joins anew before the old one leaves. */
export class PresenceState {
  readonly #events: Emitter<ChannelEvents>
  readonly #byKey = new Map<string, readonly Entry[]>()
  #byConnection = new Map<string, Entry>()
  #refs = 0

  constructor(events: Emitter<ChannelEvents>) {
    this.#events = events
  }

  get all(): ChannelPresenceState {
    return Object.fromEntries(
      Array.from(this.#byKey, ([key, entries]) => [key, presentOf(entries)]),
    )
  }

  /** What changed; or all there is, of which some may be known. */
  receive({ presences, left = [], full }: PresenceMessage): void {
    const named = new Set(presences.map(({ connectionId }) => connectionId))
    const absent = full ? [...this.#byConnection.keys()].filter((id) => !named.has(id)) : left
    const joined = presences
      .map((presence) => this.#read(presence))
      .filter(({ connectionId, text }) => this.#byConnection.get(connectionId)?.text !== text)
    const gone = [...joined.map(({ connectionId }) => connectionId), ...absent]
      .map((connectionId) => this.#byConnection.get(connectionId))
      .filter((entry) => entry !== undefined)
    for (const id of absent) this.#byConnection.delete(id)
    for (const entry of joined) this.#byConnection.set(entry.connectionId, entry)
    const known = this.#byConnection
    const reports = [
      ...Array.from(groupByKey(joined), (group) => () => this.#join(...group)),
      ...Array.from(groupByKey(gone), (group) => () => this.#leave(...group)),
      () => this.#events.emit('presence:sync'),
    ]
    for (const report of reports) {
      // A listener may leave the channel: what follows is no part of it, nor of the next subscription.
      if (known === this.#byConnection) report()
    }
  }

  /** The channel has ended: nothing is known any longer. */
  clear(): void {
    this.#byKey.clear()
    this.#byConnection = new Map()
  }

  #join(key: string, entries: Entry[]): void {
    const current = this.#byKey.get(key) ?? []
    this.#byKey.set(key, [...current, ...entries])
    const currentPresences = presentOf(current)
    const newPresences = presentOf(entries)
    this.#events.emit('presence:join', { event: 'join', key, currentPresences, newPresences })
  }

  #leave(key: string, entries: Entry[]): void {
    const current = (this.#byKey.get(key) ?? []).filter((entry) => !entries.includes(entry))
    if (current.length > 0) this.#byKey.set(key, current)
    else this.#byKey.delete(key)
    const currentPresences = presentOf(current)
    const leftPresences = presentOf(entries)
    this.#events.emit('presence:leave', { event: 'leave', key, currentPresences, leftPresences })
  }

  #read({ connectionId, user, state }: ChannelPresence): Entry {
    // Clients other than the SDK may give any JSON.
    const fields = isRecord(state) ? state : { state }
    const { [KEY_FIELD]: key, ...rest } = fields
    return {
      connectionId,
      key: typeof key === 'string' ? key : connectionId,
      text: JSON.stringify([user, state]),
      present: { ...rest, presence_ref: `${connectionId}.${++this.#refs}`, presence_user: user },
    }
  }
}

function groupByKey(entries: Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.key)
    if (group) group.push(entry)
    else groups.set(entry.key, [entry])
  }
  return groups
}

const presentOf = (entries: readonly Entry[]) => entries.map(({ present }) => present)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
