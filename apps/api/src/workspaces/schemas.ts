import { WORKSPACE_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { accessSchema, closedObject, nameSchema, searchSchema } from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'
import { WORKSPACE_ACTIONS } from './policy.ts'

/** What guests may do at most on the boards of a workspace, whatever a link says. */
export const GUEST_SETTINGS = ['off', 'view', 'comment', 'edit'] as const

/** One of {@link GUEST_SETTINGS}. */
export type GuestSetting = (typeof GUEST_SETTINGS)[number]

const guestsSchema = Type.Enum([...GUEST_SETTINGS], {
  description: 'what guests may do at most on its boards, whatever a link says',
})

/** A workspace as its members see it. */
export const workspaceSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: Type.String(),
    type: Type.Enum(['personal', 'team']),
    guests: guestsSchema,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
    access: accessSchema(WORKSPACE_ROLES, WORKSPACE_ACTIONS),
  },
  { description: 'The workspace, and what you may do in it' },
)

/** See {@link workspaceSchema}. */
export type Workspace = Static<typeof workspaceSchema>

/** A page of workspaces. */
export const workspacePageSchema = pageSchema(workspaceSchema, 'A page of workspaces')

const WORKSPACE_SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const

/** The orders that workspaces are listed in; names regardless of case. */
export type WorkspaceSort = (typeof WORKSPACE_SORTS)[number]

/** Query of `GET /api/workspaces`. */
export const workspaceListSchema = closedObject({
  ...pageQuerySchema.properties,
  q: searchSchema,
  sort: Type.Enum([...WORKSPACE_SORTS], { default: '-createdAt' }),
})

/** See {@link workspaceListSchema}. */
export type WorkspaceListQuery = Static<typeof workspaceListSchema>

/** Body of `POST /api/workspaces`. */
export const createWorkspaceSchema = closedObject({ name: nameSchema })

/** Body of `PATCH /api/workspaces/:workspaceId`. */
export const updateWorkspaceSchema = Type.Object(
  { name: Type.Optional(nameSchema), guests: Type.Optional(guestsSchema) },
  { additionalProperties: false, minProperties: 1 },
)

/** See {@link updateWorkspaceSchema}. */
export type UpdateWorkspace = Static<typeof updateWorkspaceSchema>

/** Path of everything below one workspace. */
export const workspaceParamsSchema = Type.Object({ workspaceId: Type.String({ format: 'uuid' }) })
