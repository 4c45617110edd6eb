import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { ifMatch, sendTagged } from '../http/etag.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT, REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { etagOfBoard, type VersionedBoard } from './present-board.ts'
import * as schemas from './schemas.ts'
import { createBoardService } from './service.ts'
import { createThumbnailAddresses } from './thumbnail-addresses.ts'

/** Boards: list and create in a workspace; get, change, trash, restore, delete, duplicate. */
export async function boardPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { authenticate, rateLimit } = infrastructure
  const params = schemas.boardParamsSchema
  const boards = createBoardService({
    ...infrastructure,
    addresses: createThumbnailAddresses(infrastructure),
  })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces/:workspaceId/boards',
    {
      config: { openTo: { keys: 'boards:read' } },
      schema: operation('listBoards', 'List the boards of a workspace', {
        params: workspaceParamsSchema,
        querystring: schemas.boardListQuerySchema,
        response: { 200: schemas.boardPageSchema },
      }),
    },
    (request) => boards.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.get(
    '/api/workspaces/:workspaceId/trash',
    {
      config: { openTo: { keys: 'boards:read' } },
      schema: operation('listTrash', 'List the boards in the trash of a workspace', {
        params: workspaceParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: schemas.trashPageSchema },
      }),
    },
    (request) => boards.listTrash(request.user.id, request.params.workspaceId, request.query),
  )

  app.post(
    '/api/workspaces/:workspaceId/boards',
    {
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('createBoard', 'Create a board', {
        description: '409 `quota_exceeded` where the workspace or its owner has too many.',
        params: workspaceParamsSchema,
        body: schemas.createBoardSchema,
        response: { 201: schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const { workspaceId } = request.params
      const created = await boards.create(actorOf(request), workspaceId, request.body)
      return reply.headers(headersOfNew(created)).send(created.board)
    },
  )

  app.put(
    '/api/workspaces/:workspaceId/boards/by-key/:externalKey',
    {
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('putBoardByKey', 'Find or create the board that you call so', {
        description:
          'The name counts where it is created. 409 `in_trash` where the board is in the trash, `quota_exceeded` as for `createBoard`.',
        params: schemas.boardByKeyParamsSchema,
        body: schemas.createBoardSchema,
        response: { '2xx': schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const { isNew, ...found } = await boards.putByKey(
        actorOf(request),
        request.params,
        request.body,
      )
      return reply
        .code(isNew ? 201 : 200)
        .headers(headersOfNew(found))
        .send(found.board)
    },
  )

  app.get(
    '/api/boards/:boardId',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      schema: operation('getBoard', 'Get a board', {
        description:
          '404 `board_trashed` for members of a board in the trash, here and in all that is done with it; `board_not_found` for everybody else, whether there is such a board or not.',
        params,
        response: { 200: schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const found = await boards.get(request.user.id, request.params.boardId)
      return sendTagged(request, reply, etagOfBoard(found), found.board)
    },
  )

  app.patch(
    '/api/boards/:boardId',
    {
      config: { openTo: { appUsers: true, keys: 'boards:write' } },
      schema: operation('updateBoard', 'Rename a board, or change its settings', {
        description:
          'Send `If-Match` with the `ETag` you read to refuse a change of something newer. A `thumbnailUrl` takes the place of the thumbnail that the server keeps, and null removes either.',
        params,
        body: schemas.updateBoardSchema,
        response: { 200: schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const updated = await boards.update(
        actorOf(request),
        request.params.boardId,
        request.body,
        ifMatch(request),
      )
      return reply.header('etag', etagOfBoard(updated)).send(updated.board)
    },
  )

  app.delete(
    '/api/boards/:boardId',
    {
      config: { isUrgent: true, openTo: { keys: 'boards:write' } },
      schema: operation('trashBoard', 'Move a board to the trash', {
        description: 'It can be restored for 30 days.',
        params,
        response: REMOVED,
      }),
    },
    (request) => boards.trash(actorOf(request), request.params.boardId, ifMatch(request)),
  )

  app.post(
    '/api/boards/:boardId/restore',
    {
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('restoreBoard', 'Restore a board from the trash', {
        params,
        response: { 200: schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const restored = await boards.restore(actorOf(request), request.params.boardId)
      return reply.header('etag', etagOfBoard(restored)).send(restored.board)
    },
  )

  app.delete(
    '/api/boards/:boardId/permanently',
    {
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('deleteBoard', 'Delete a board in the trash for good', {
        params,
        response: NO_CONTENT,
      }),
    },
    (request) => boards.deletePermanently(actorOf(request), request.params.boardId),
  )

  app.post(
    '/api/boards/:boardId/duplicate',
    {
      preValidation: limitPerUser(rateLimit, 'documentWork'),
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('duplicateBoard', 'Copy a board with its document', {
        description:
          'Takes its turn among document work. 409 `quota_exceeded` where the workspace or its owner has too many boards, or stores too much.',
        params,
        body: schemas.duplicateBoardSchema,
        response: { 201: schemas.boardSchema },
      }),
    },
    async (request, reply) => {
      const copy = await boards.duplicate(actorOf(request), request.params.boardId, request.body)
      return reply.headers(headersOfNew(copy)).send(copy.board)
    },
  )
}

function headersOfNew(created: VersionedBoard) {
  return { location: `/api/boards/${created.board.id}`, etag: etagOfBoard(created) }
}
