import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What can have changed. */
export const EVENT_TYPES = [
  'workspace.created',
  'workspace.updated',
  'workspace.deleted',
  'workspace.member_added',
  'workspace.member_updated',
  'workspace.member_removed',
  'board.created',
  'board.updated',
  'board.moved',
  'board.trashed',
  'board.restored',
  'board.deleted',
  'board.document_changed',
  'board.member_added',
  'board.member_updated',
  'board.member_removed',
  'invite.created',
  'invite.revoked',
  'invite.accepted',
  'link.created',
  'link.opened',
  'link.revoked',
  'link.expired',
  'guest.removed',
  'guest.signed_in',
  'membership.offered',
  'membership.withdrawn',
  'membership.accepted',
  'membership.declined',
  'version.created',
  'version.deleted',
  'asset.added',
  'asset.removed',
  'session.revoked',
  'key.created',
  'key.revoked',
  'user.updated',
  'user.deleted',
] as const

/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[number]

/** A change, as the API tells all instances of both services after its commit. */
export const domainEventSchema = Type.Object({
  /** Place among all events. An event may come twice, never under two numbers. */
  seq: Type.Integer({ minimum: 1 }),
  type: Type.Enum([...EVENT_TYPES]),
  workspaceId: Type.Union([Type.String(), Type.Null()]),
  boardId: Type.Union([Type.String(), Type.Null()]),
  /** The person it is about, where it is about one alone. */
  userId: Type.Union([Type.String(), Type.Null()]),
  /** Places where access may have changed, see `placeSchema`, each with its new access version. */
  access: Type.Array(Type.Object({ boardId: Type.String(), version: Type.Integer() })),
  /** Sessions that ended; their access tokens ended with them. */
  sessions: Type.Array(Type.String()),
  /** The trace of the request that made the change, as W3C Trace Context writes it. */
  traceparent: Type.Optional(Type.String()),
})

/** See {@link domainEventSchema}. */
export type DomainEvent = Static<typeof domainEventSchema>

/** The event that a message of the bus carries, or undefined where it is none. */
export function parseDomainEvent(message: string): DomainEvent | undefined {
  try {
    const event: unknown = JSON.parse(message)
    return Value.Check(domainEventSchema, event) ? event : undefined
  } catch {
    // Not JSON, so not an event.
    return undefined
  }
}
