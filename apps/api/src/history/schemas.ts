import { type Static, Type } from 'typebox'
import { closedObject, idSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'
import { personNameSchema } from '../users/schemas.ts'

/** What one person did on a board within five minutes. */
export const activitySchema = Type.Object({
  startedAt: Type.String({ format: 'date-time', description: 'when the five minutes began' }),
  lastAt: Type.String({
    format: 'date-time',
    description:
      'when they changed it last within them; the end of the five minutes where a release before this field counted it',
  }),
  userId: Type.String({
    format: 'uuid',
    description: 'who it was, also where they were a guest then and have signed in since',
  }),
  name: personNameSchema,
  updates: Type.Integer({
    description:
      'stored edits: in the web app what was drawn, moved or typed is one, and one more for each three seconds that it took',
  }),
  bytes: Type.Integer(),
  firstSeq: Type.Integer(),
  lastSeq: Type.Integer(),
})

/** See {@link activitySchema}. */
export type Activity = Static<typeof activitySchema>

/** Query of `GET /api/boards/:boardId/history`. */
export const activityQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  userId: Type.Optional({ ...idSchema, description: 'what this person did alone' }),
})

/** See {@link activityQuerySchema}. */
export type ActivityQuery = Static<typeof activityQuerySchema>

/** A page of activity. */
export const activityPageSchema = pageSchema(activitySchema, 'A page of activity')
