import { type Static, Type } from 'typebox'
import { closedObject, nameSchema } from '../http/fields.ts'
import { ownKeySchema } from '../keys/schemas.ts'
import { userSchema } from '../users/schemas.ts'

/** The caller. */
export const meSchema = Type.Object(
  {
    ...userSchema.properties,
    key: Type.Optional(
      Type.Object(ownKeySchema.properties, { description: 'where you are a key: what it is for' }),
    ),
  },
  { description: 'Your account' },
)

/** See {@link meSchema}. */
export type Me = Static<typeof meSchema>

/** Body of `PATCH /api/auth/me`. */
export const updateMeSchema = closedObject({
  name: Type.Union([nameSchema, Type.Null()], {
    description: 'what you are called from now on; null for what the identity provider calls you',
  }),
})

/** See {@link updateMeSchema}. */
export type UpdateMe = Static<typeof updateMeSchema>

/** What happened to the caller's workspaces and boards after `DELETE /api/auth/me`. */
export const accountDeletionSchema = Type.Object(
  {
    /** Workspaces that were theirs alone: gone, with all of their boards. */
    deletedWorkspaceIds: Type.Array(Type.String({ format: 'uuid' })),
    /** Workspaces of several people: the caller has left, the boards stay. */
    leftWorkspaceIds: Type.Array(Type.String({ format: 'uuid' })),
    /** Boards in workspaces of others on which they were a guest or member. */
    leftBoards: Type.Integer({ minimum: 0 }),
  },
  { description: 'What was deleted with the account' },
)

/** See {@link accountDeletionSchema}. */
export type AccountDeletion = Static<typeof accountDeletionSchema>

/** What is held of a person, see `readHeld`. */
export const heldResponse = {
  200: {
    description:
      'An object of JSON in each line: `kind` says whether it is the `account`, a `session`, `workspace`, `board`, `invite`, `offer`, `key`, `link`, `file`, `openedLink` or `auditEntry`, or one of `actOfAdministrators`',
    content: { 'application/x-ndjson': { schema: Type.Unknown() } },
  },
}
