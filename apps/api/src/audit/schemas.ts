import { EVENT_TYPES } from '@mindfuse/internal'
import { type Static, Type } from 'typebox'
import { closedObject } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'

const textOrNull = Type.Union([Type.String(), Type.Null()])

/** Who did what, when and from where. */
export const auditEntrySchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  action: Type.Enum([...EVENT_TYPES]),
  actorId: Type.String({ format: 'uuid' }),
  actorName: Type.Union([Type.String(), Type.Null()], {
    description: 'What they are called now; null once the account is deleted',
  }),
  targetType: Type.String(),
  targetId: Type.String({ format: 'uuid' }),
  changes: Type.Object({}, { additionalProperties: true, description: 'what is different since' }),
  ip: Type.Union([Type.String(), Type.Null()], {
    description: 'For owners of the workspace; null once the account is deleted',
  }),
  userAgent: Type.Union([Type.String(), Type.Null()], { description: 'As `ip`' }),
  requestId: textOrNull,
  createdAt: Type.String({ format: 'date-time' }),
})

/** See {@link auditEntrySchema}. */
export type AuditEntry = Static<typeof auditEntrySchema>

/** A page of audit entries. */
export const auditPageSchema = pageSchema(auditEntrySchema, 'A page of the audit log')

/** Query of `GET /api/workspaces/:workspaceId/audit`. */
export const auditQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  actorId: Type.Optional(Type.String({ format: 'uuid' })),
  action: Type.Optional(Type.Enum([...EVENT_TYPES])),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'not before' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'before, not at' })),
})

/** See {@link auditQuerySchema}. */
export type AuditQuery = Static<typeof auditQuerySchema>
