import { KEY_SCOPES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { closedObject, idSchema, nameSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'

const textOrNull = Type.Union([Type.String(), Type.Null()])
const timeOrNull = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const scopesSchema = Type.Array(Type.Enum([...KEY_SCOPES]))
const boardIdsSchema = Type.Union([Type.Array(idSchema), Type.Null()], {
  description: 'the boards that it is for; null for all of the workspace',
})

/** A key without its value, which nobody can be shown again. */
export const keySchema = Type.Object(
  {
    id: idSchema,
    userId: Type.String({ format: 'uuid', description: 'what history and presence call it' }),
    name: Type.String(),
    hint: Type.String({ description: 'what the key begins with' }),
    scopes: scopesSchema,
    boardIds: boardIdsSchema,
    createdBy: Type.Union([idSchema, Type.Null()]),
    creatorName: textOrNull,
    createdAt: Type.String({ format: 'date-time' }),
    expiresAt: timeOrNull,
    lastUsedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'to the minute',
    }),
  },
  { description: 'A key of the workspace' },
)

/** See {@link keySchema}. */
export type Key = Static<typeof keySchema>

/** A new key, with its value. */
export const createdKeySchema = Type.Object(
  {
    ...keySchema.properties,
    key: Type.Union([Type.String(), Type.Null()], {
      description: 'shown only this once; null where a request is repeated',
    }),
  },
  { description: 'The new key' },
)

/** See {@link createdKeySchema}. */
export type CreatedKey = Static<typeof createdKeySchema>

/** A page of keys. */
export const keyPageSchema = pageSchema(keySchema, 'A page of keys')

/** Body of `POST /api/workspaces/:workspaceId/keys`. */
export const createKeySchema = closedObject({
  name: nameSchema,
  scopes: Type.Array(Type.Enum([...KEY_SCOPES]), {
    minItems: 1,
    maxItems: KEY_SCOPES.length,
    uniqueItems: true,
  }),
  boardIds: Type.Optional(
    Type.Array(idSchema, {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'all boards of the workspace without it; not with `tokens:create`',
    }),
  ),
  expiresAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'never without it; in the future' }),
  ),
})

/** See {@link createKeySchema}. */
export type CreateKey = Static<typeof createKeySchema>

/** Path of one key. */
export const keyParamsSchema = Type.Object({ ...workspaceParamsSchema.properties, keyId: idSchema })

/** What a key is told about itself. */
export const ownKeySchema = Type.Object({
  id: idSchema,
  workspaceId: idSchema,
  scopes: scopesSchema,
  boardIds: boardIdsSchema,
  expiresAt: timeOrNull,
})

/** See {@link ownKeySchema}. */
export type OwnKey = Static<typeof ownKeySchema>
