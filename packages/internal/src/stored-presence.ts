import { presenceSchema, presenceUserSchema } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** A connection's person and state, as gateways store it and send it to each other. */
export const presenceEntrySchema = Type.Object({
  user: presenceUserSchema,
  presence: presenceSchema,
})

/** See {@link presenceEntrySchema}. */
export type PresenceEntry = Static<typeof presenceEntrySchema>

export function encodeStoredPresence({ user, presence }: PresenceEntry): string {
  return JSON.stringify({ user, presence })
}

/** Undefined for what another release wrote, perhaps: its next announcement may be readable. */
export function decodeStoredPresence(text: string): PresenceEntry | undefined {
  try {
    const entry: unknown = JSON.parse(text)
    return Value.Check(presenceEntrySchema, entry) ? entry : undefined
  } catch {
    return undefined
  }
}
