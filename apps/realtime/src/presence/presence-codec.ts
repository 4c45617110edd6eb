import { presenceSchema, presenceUserSchema } from '@mindfuse/protocol'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const entrySchema = Type.Object({ user: presenceUserSchema, presence: presenceSchema })

/** A connection's person and state, as gateways send and store it. */
export type PresenceEntry = Static<typeof entrySchema>

/** What gateways send each other: connections that are new or changed, and those that are gone. */
const relayedSchema = Type.Object({
  /** Whether `entries` are all of the gateway's connections. */
  full: Type.Boolean(),
  entries: Type.Array(entrySchema),
  gone: Type.Array(Type.String()),
})

/** The content of a presence message. */
export type RelayedPresence = Static<typeof relayedSchema>

export function encodeRelayedPresence(message: RelayedPresence): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

export function decodeRelayedPresence(payload: Uint8Array): RelayedPresence | undefined {
  return parse(Buffer.from(payload).toString(), relayedSchema)
}

export function encodeStoredPresence({ user, presence }: PresenceEntry): string {
  return JSON.stringify({ user, presence })
}

export function decodeStoredPresence(text: string): PresenceEntry | undefined {
  return parse(text, entrySchema)
}

/** Undefined for what another release wrote, perhaps: its next announcement may be readable. */
function parse<Schema extends TSchema>(text: string, schema: Schema): Static<Schema> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(schema, value) ? value : undefined
  } catch {
    return undefined
  }
}
