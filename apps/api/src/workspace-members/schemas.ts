import { WORKSPACE_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { closedObject, searchSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'

const userIdSchema = Type.String({ format: 'uuid' })

/** A member of a workspace. */
export const memberSchema = Type.Object(
  {
    userId: userIdSchema,
    email: Type.String(),
    name: Type.String(),
    avatarUrl: Type.Union([Type.String(), Type.Null()]),
    role: Type.Enum([...WORKSPACE_ROLES]),
    joinedAt: Type.String({ format: 'date-time' }),
  },
  { description: 'The member' },
)

/** See {@link memberSchema}. */
export type Member = Static<typeof memberSchema>

/** A page of members. */
export const memberPageSchema = pageSchema(memberSchema, 'A page of members')

/** Query of `GET /api/workspaces/:workspaceId/members`. */
export const memberListSchema = closedObject({ ...pageQuerySchema.properties, q: searchSchema })

/** See {@link memberListSchema}. */
export type MemberListQuery = Static<typeof memberListSchema>

/** Body of `PATCH /api/workspaces/:workspaceId/members/:userId`. */
export const changeRoleSchema = closedObject({ role: Type.Enum([...WORKSPACE_ROLES]) })

/** Path of one member. */
export const memberParamsSchema = Type.Object({
  workspaceId: Type.String({ format: 'uuid' }),
  userId: userIdSchema,
})
