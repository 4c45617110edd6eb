import { presenceEntrySchema } from '@mindfuse/internal'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What gateways send each other: connections that are new or changed, and those that are gone. */
const relayedSchema = Type.Object({
  /** Whether `entries` are all of the gateway's connections. */
  full: Type.Boolean(),
  entries: Type.Array(presenceEntrySchema),
  gone: Type.Array(Type.String()),
})

/** The content of a presence message. */
export type RelayedPresence = Static<typeof relayedSchema>

export function encodeRelayedPresence(message: RelayedPresence): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

/** Undefined for what another release wrote, perhaps: its next announcement may be readable. */
export function decodeRelayedPresence(payload: Uint8Array): RelayedPresence | undefined {
  try {
    const message: unknown = JSON.parse(Buffer.from(payload).toString())
    return Value.Check(relayedSchema, message) ? message : undefined
  } catch {
    return undefined
  }
}
