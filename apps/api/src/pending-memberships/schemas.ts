import { WORKSPACE_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { closedObject, idSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'

/** A role in a workspace that is offered to a person, as they and the workspace's managers see it. */
export const membershipSchema = Type.Object(
  {
    id: idSchema,
    workspaceId: idSchema,
    workspaceName: Type.String(),
    kind: Type.Enum(['join', 'transfer'], {
      description: '`transfer` makes a member the owner in place of the one who offers it',
    }),
    role: Type.Enum([...WORKSPACE_ROLES]),
    email: Type.String({ description: 'whom it is offered to' }),
    invitedBy: idSchema,
    inviterName: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { description: 'The pending membership, which counts once it is accepted' },
)

/** See {@link membershipSchema}. */
export type Membership = Static<typeof membershipSchema>

/** A page of pending memberships. */
export const membershipPageSchema = pageSchema(membershipSchema, 'A page of pending memberships')

/** Body of `POST /api/workspaces/:workspaceId/members`. */
export const offerSchema = closedObject({
  email: Type.String({ format: 'email', maxLength: 255 }),
  role: Type.Enum([...WORKSPACE_ROLES], { default: 'member' }),
})

/** See {@link offerSchema}. */
export type Offer = Static<typeof offerSchema>

/** Body of `POST /api/workspaces/:workspaceId/transfer`. */
export const transferSchema = closedObject({ userId: idSchema })

/** Path of one membership, for the person it is offered to. */
export const ownMembershipParamsSchema = Type.Object({ membershipId: idSchema })

/** Path of one membership, for the workspace's managers. */
export const membershipParamsSchema = Type.Object({
  workspaceId: idSchema,
  membershipId: idSchema,
})
