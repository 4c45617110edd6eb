import { type Static, Type } from 'typebox'

/** A person as the API shows them to themselves. */
export const userSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Type.String(),
  name: Type.String(),
  avatarUrl: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
})

/** See {@link userSchema}. */
export type User = Static<typeof userSchema>

/** What became of what somebody had, after `DELETE /api/auth/me`. */
export const accountDeletionSchema = Type.Object({
  /** Workspaces that were theirs alone: gone, with all of their boards. */
  deletedWorkspaceIds: Type.Array(Type.String({ format: 'uuid' })),
  /** Workspaces of several people: they are no member any more, their boards stay. */
  leftWorkspaceIds: Type.Array(Type.String({ format: 'uuid' })),
  /** Boards in workspaces of others on which they were a guest or member. */
  leftBoards: Type.Integer({ minimum: 0 }),
})

/** See {@link accountDeletionSchema}. */
export type AccountDeletion = Static<typeof accountDeletionSchema>
