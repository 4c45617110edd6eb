import { type Static, Type } from 'typebox'

/** A person as the API shows them to themselves. */
export const userSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    email: Type.String(),
    name: Type.String(),
    avatarUrl: Type.Union([Type.String(), Type.Null()]),
    createdAt: Type.String({ format: 'date-time' }),
    isAdmin: Type.Boolean({ description: 'whether you administer this installation' }),
  },
  { description: 'Your account' },
)

/** See {@link userSchema}. */
export type User = Static<typeof userSchema>
