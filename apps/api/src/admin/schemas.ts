import { type Static, Type } from 'typebox'
import { closedObject, idSchema, searchSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'

const timeSchema = Type.String({ format: 'date-time' })
const timeOrNull = (description: string) => Type.Union([timeSchema, Type.Null()], { description })

/** Query of the lists of people and boards. */
export const searchQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  query: searchSchema,
})

/** See {@link searchQuerySchema}. */
export type SearchQuery = Static<typeof searchQuerySchema>

/** Path of one person. */
export const personParamsSchema = Type.Object({ personId: idSchema })

const reasonSchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'for the audit, where it stays: not the place for what is personal',
  }),
)

/** Body of an act that needs no more than a reason. */
export const actSchema = closedObject({ reason: reasonSchema })

/** A person as administrators see them in a list. */
const personSchema = Type.Object({
  id: idSchema,
  email: Type.String(),
  name: Type.String(),
  identity: Type.String({ description: '`<provider>:<subject>`, as `ADMINS` names people' }),
  isAdmin: Type.Boolean(),
  createdAt: timeSchema,
  disabledAt: timeOrNull('since when they may not sign in'),
})

/** See {@link personSchema}. */
export type Person = Static<typeof personSchema>

/** A page of people. */
export const peoplePageSchema = pageSchema(personSchema, 'A page of people')

/** Which administrator did what to whom, when and why. */
const adminAuditEntrySchema = Type.Object({
  id: idSchema,
  actor: Type.String({ description: 'the id of an administrator, or `cli` for the command line' }),
  action: Type.String(),
  targetType: Type.String(),
  targetId: idSchema,
  reason: Type.Union([Type.String(), Type.Null()]),
  changes: Type.Object({}, { additionalProperties: true, description: 'what is different since' }),
  requestId: Type.Union([Type.String(), Type.Null()]),
  createdAt: timeSchema,
})

/** See {@link adminAuditEntrySchema}. */
export type AdminAuditEntry = Static<typeof adminAuditEntrySchema>

/** A page of the audit of administration. */
export const adminAuditPageSchema = pageSchema(
  adminAuditEntrySchema,
  'A page of the audit of administration',
)
