import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import {
  accessSchema,
  closedObject,
  externalIdSchema,
  nameSchema,
  searchSchema,
} from '../http/fields.ts'
import { pageQuerySchema, pageSchema } from '../http/pagination.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { BOARD_SORTS } from './order.ts'
import { BOARD_ACTIONS } from './policy.ts'

/** A board as a person with access sees it. */
export const boardSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    workspaceId: Type.String({ format: 'uuid' }),
    name: Type.String(),
    thumbnailUrl: Type.Union([Type.String(), Type.Null()], {
      description:
        'where a picture of the board is: what `updateBoard` or `setThumbnail` was given last. That of a thumbnail that the server keeps is relative to the API, needs no access token, and ends within 15 minutes',
    }),
    viewersCanBroadcast: Type.Boolean(),
    createdBy: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({
      format: 'date-time',
      description: 'when it was renamed, given other settings, or drawn on: to within a minute',
    }),
    access: accessSchema(BOARD_ROLES, BOARD_ACTIONS),
  },
  { description: 'The board, and what you may do with it' },
)

/** See {@link boardSchema}. */
export type Board = Static<typeof boardSchema>

/** A page of boards. */
export const boardPageSchema = pageSchema(boardSchema, 'A page of boards')

/** A board in the trash. */
export const trashedBoardSchema = Type.Object({
  ...boardSchema.properties,
  deletedAt: Type.String({ format: 'date-time' }),
  deletedBy: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
})

/** See {@link trashedBoardSchema}. */
export type TrashedBoard = Static<typeof trashedBoardSchema>

/** A page of the trash. */
export const trashPageSchema = pageSchema(trashedBoardSchema, 'A page of boards in the trash')

/** Query of `GET /api/workspaces/:workspaceId/boards`. */
export const boardListQuerySchema = closedObject({
  ...pageQuerySchema.properties,
  q: searchSchema,
  sort: Type.Enum([...BOARD_SORTS], { default: '-updatedAt', description: '- is descending' }),
})

/** See {@link boardListQuerySchema}. */
export type BoardListQuery = Static<typeof boardListQuerySchema>

/** Body of `POST /api/workspaces/:workspaceId/boards`. */
export const createBoardSchema = closedObject({ name: nameSchema })

/** A picture's URL, as RFC 3986 writes one. */
const thumbnailUrlSchema = Type.String({
  maxLength: 2_048,
  pattern: '^(https?://|data:image/)[!-~]+$',
})

/** Body of `PATCH /api/boards/:boardId`. */
export const updateBoardSchema = Type.Object(
  {
    name: Type.Optional(nameSchema),
    thumbnailUrl: Type.Optional(Type.Union([thumbnailUrlSchema, Type.Null()])),
    viewersCanBroadcast: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
)

/** See {@link updateBoardSchema}. */
export type UpdateBoard = Static<typeof updateBoardSchema>

/** Body of `POST /api/boards/:boardId/duplicate`. */
export const duplicateBoardSchema = closedObject({
  name: Type.Optional(nameSchema),
  workspaceId: Type.Optional(Type.String({ format: 'uuid' })),
})

/** See {@link duplicateBoardSchema}. */
export type DuplicateBoard = Static<typeof duplicateBoardSchema>

/** Path of a board by what a product calls it. */
export const boardByKeyParamsSchema = Type.Object({
  ...workspaceParamsSchema.properties,
  externalKey: externalIdSchema,
})

/** Path of everything below one board. */
export const boardParamsSchema = Type.Object({ boardId: Type.String({ format: 'uuid' }) })
