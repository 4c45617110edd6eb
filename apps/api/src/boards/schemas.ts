import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { pageSchema } from '../http/pagination.ts'
import { nameSchema } from '../workspaces/schemas.ts'
import { BOARD_ACTIONS } from './policy.ts'

/** A board as somebody with access sees it. */
export const boardSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  workspaceId: Type.String({ format: 'uuid' }),
  name: Type.String(),
  thumbnailUrl: Type.Union([Type.String(), Type.Null()]),
  createdBy: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  access: Type.Object({
    role: Type.Enum([...BOARD_ROLES]),
    can: Type.Record(Type.Enum([...BOARD_ACTIONS]), Type.Boolean()),
  }),
})

/** See {@link boardSchema}. */
export type Board = Static<typeof boardSchema>

/** A page of boards. */
export const boardPageSchema = pageSchema(boardSchema)

/** Body of `POST /api/workspaces/:workspaceId/boards`. */
export const createBoardSchema = Type.Object({ name: nameSchema }, { additionalProperties: false })

/** Path of everything below one board. */
export const boardParamsSchema = Type.Object({ boardId: Type.String({ format: 'uuid' }) })
