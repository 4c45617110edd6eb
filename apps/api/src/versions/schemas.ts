import { type Static, Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'
import { closedObject, idSchema, nameSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'
import { personNameSchema } from '../users/schemas.ts'

/** The whole of a board at a moment, without its bytes. */
export const versionSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    boardId: Type.String({ format: 'uuid' }),
    name: Type.Union([Type.String(), Type.Null()]),
    kind: Type.Enum(['named', 'automatic'], {
      description: 'automatic: what was there before a restore',
    }),
    seq: Type.Integer({ description: 'the newest update that it holds' }),
    bytes: Type.Integer(),
    createdBy: Type.String({ format: 'uuid' }),
    creatorName: personNameSchema,
    createdAt: Type.String({ format: 'date-time' }),
  },
  { description: 'The version' },
)

/** See {@link versionSchema}. */
export type Version = Static<typeof versionSchema>

/** A page of versions. */
export const versionPageSchema = pageSchema(versionSchema, 'A page of versions')

/** Body of `POST /api/boards/:boardId/versions`. */
export const createVersionSchema = closedObject({ name: nameSchema })

/** Path of everything below one version. */
export const versionParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  versionId: idSchema,
})

/** What restoring a version came to. */
export const restoredVersionSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'number of the newest stored update now' }),
    changed: Type.Boolean({ description: 'false where the board is as the version already' }),
    before: Type.Union([versionSchema, Type.Null()], {
      description: 'the version that undoes it; null where nothing changed',
    }),
  },
  { description: 'What restoring changed, and the version kept of the document before' },
)

/** See {@link restoredVersionSchema}. */
export type RestoredVersion = Static<typeof restoredVersionSchema>
