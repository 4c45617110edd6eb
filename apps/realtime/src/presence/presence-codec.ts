import { presenceUserSchema } from '@mindfuse/protocol'
import { type TSchema, Type } from 'typebox'
import { createJsonReader } from '../relay/json-reader.ts'
import type { OwnedState, Participant } from './participants.ts'

/** A connection's person and state, as gateways store it and send it to each other. */
export type PresenceEntry<State extends OwnedState> = Pick<Participant<State>, 'user' | 'presence'>

/** What gateways send each other: connections that are new or changed, and those that are gone. */
export interface RelayedPresence<State extends OwnedState> {
  /** Whether `entries` are all of the gateway's connections. */
  full: boolean
  entries: PresenceEntry<State>[]
  gone: string[]
}

/** Reads what gateways wrote. Undefined for that of another release, perhaps: the next may be readable. */
export interface PresenceCodec<State extends OwnedState> {
  readStored(text: string): PresenceEntry<State> | undefined
  readRelayed(payload: Uint8Array): RelayedPresence<State> | undefined
}

export function encodeStored<State extends OwnedState>(entry: PresenceEntry<State>): string {
  const { user, presence } = entry
  return JSON.stringify({ user, presence })
}

export function encodeRelayed<State extends OwnedState>(
  message: RelayedPresence<State>,
): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

/** @param stateSchema of `State` */
export function createPresenceCodec<State extends OwnedState>(
  stateSchema: TSchema,
): PresenceCodec<State> {
  const entrySchema = Type.Object({ user: presenceUserSchema, presence: stateSchema })
  const relayedSchema = Type.Object({
    full: Type.Boolean(),
    entries: Type.Array(entrySchema),
    gone: Type.Array(Type.String()),
  })
  const readStored = createJsonReader<PresenceEntry<State>>(entrySchema)
  const readRelayed = createJsonReader<RelayedPresence<State>>(relayedSchema)
  return { readStored, readRelayed: (payload) => readRelayed(Buffer.from(payload).toString()) }
}
