import { type Static, Type } from 'typebox'
import { closedObject, idSchema, searchSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'

const timeSchema = Type.String({ format: 'date-time' })

/** Query of the lists of people and boards. */
export const searchQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  query: searchSchema,
})

/** See {@link searchQuerySchema}. */
export type SearchQuery = Static<typeof searchQuerySchema>

/** A person as administrators see them in a list. */
const personSchema = Type.Object({
  id: idSchema,
  email: Type.String(),
  name: Type.String(),
  identity: Type.String({ description: '`<provider>:<subject>`, as `ADMINS` names people' }),
  isAdmin: Type.Boolean(),
  createdAt: timeSchema,
})

/** See {@link personSchema}. */
export type Person = Static<typeof personSchema>

/** A page of people. */
export const peoplePageSchema = pageSchema(personSchema, 'A page of people')
