import { type Static, Type } from 'typebox'
import { pageSchema } from '../http/pagination.ts'

/** What one person did on a board within five minutes. */
export const activitySchema = Type.Object({
  startedAt: Type.String({ format: 'date-time', description: 'when the five minutes began' }),
  userId: Type.String({
    format: 'uuid',
    description: 'who it was, also where they were a guest then and have signed in since',
  }),
  updates: Type.Integer(),
  bytes: Type.Integer(),
  firstSeq: Type.Integer(),
  lastSeq: Type.Integer(),
})

/** See {@link activitySchema}. */
export type Activity = Static<typeof activitySchema>

/** A page of activity. */
export const activityPageSchema = pageSchema(activitySchema, 'A page of activity')
