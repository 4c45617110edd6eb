import { presenceSchema, presenceUserSchema } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const schema = Type.Object({ user: presenceUserSchema, presence: presenceSchema })

/**
 * A connection's person and state on a board, as gateways store it. Undefined for what another release wrote,
 * perhaps.
 */
export function decodeStoredPresence(text: string): Static<typeof schema> | undefined {
  try {
    const entry: unknown = JSON.parse(text)
    return Value.Check(schema, entry) ? entry : undefined
  } catch {
    return undefined
  }
}
