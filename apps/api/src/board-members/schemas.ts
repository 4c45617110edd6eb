import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'
import { closedObject, externalIdSchema, idSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'

const roleSchema = Type.Enum([...BOARD_ROLES])

/** A user with a role on the board itself. */
export const boardMemberSchema = Type.Object(
  {
    userId: Type.String({ format: 'uuid' }),
    email: Type.Union([Type.String(), Type.Null()], {
      description: 'null for those who may not manage members',
    }),
    name: Type.String(),
    avatarUrl: Type.Union([Type.String(), Type.Null()]),
    role: roleSchema,
    invitedBy: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
    joinedAt: Type.String({ format: 'date-time' }),
  },
  { description: 'The member' },
)

/** See {@link boardMemberSchema}. */
export type BoardMember = Static<typeof boardMemberSchema>

/** A page of members. */
export const boardMemberPageSchema = pageSchema(boardMemberSchema, 'A page of members')

/** Body of `PUT /api/boards/:boardId/members/:userId`. */
export const putBoardMemberSchema = closedObject({ role: roleSchema })

/** Path of an app user as a member. */
export const appUserMemberParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  externalId: externalIdSchema,
})

/** Path of one member. */
export const boardMemberParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  userId: idSchema,
})
