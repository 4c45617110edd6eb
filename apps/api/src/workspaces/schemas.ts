import { WORKSPACE_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { pageSchema } from '../http/pagination.ts'
import { WORKSPACE_ACTIONS } from './policy.ts'

/** A name people give: some visible character, at most what the database holds. */
export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' })

/** A workspace as its members see it. */
export const workspaceSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  type: Type.Enum(['personal', 'team']),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  access: Type.Object({
    role: Type.Enum([...WORKSPACE_ROLES]),
    can: Type.Record(Type.Enum([...WORKSPACE_ACTIONS]), Type.Boolean()),
  }),
})

/** See {@link workspaceSchema}. */
export type Workspace = Static<typeof workspaceSchema>

/** A page of workspaces. */
export const workspacePageSchema = pageSchema(workspaceSchema)

/** Body of `POST /api/workspaces`. */
export const createWorkspaceSchema = Type.Object(
  { name: nameSchema },
  { additionalProperties: false },
)

/** Path of everything below one workspace. */
export const workspaceParamsSchema = Type.Object({ workspaceId: Type.String({ format: 'uuid' }) })
