import { USER_KINDS } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'

/** A person as the API shows them to themselves. */
export const userSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kind: Type.Enum([...USER_KINDS], {
      description: 'a person who signs in, or what has no account: see "Who may come in"',
    }),
    email: Type.Union([Type.String(), Type.Null()], {
      description: 'null unless you are a person',
    }),
    name: Type.String(),
    hasChosenName: Type.Boolean({
      description: 'whether it is a name that you chose in place of the identity provider’s',
    }),
    avatarUrl: Type.Union([Type.String(), Type.Null()]),
    createdAt: Type.String({ format: 'date-time' }),
    isAdmin: Type.Boolean({ description: 'whether you administer this installation' }),
  },
  { description: 'Your account' },
)

/** See {@link userSchema}. */
export type User = Static<typeof userSchema>

/** The name of who did something, in a record that outlives their account. */
export const personNameSchema = Type.Union([Type.String(), Type.Null()], {
  description: 'what they are called, also after they left; null where their account is deleted',
})
