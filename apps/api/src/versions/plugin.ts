import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import { binaryContent } from '../content/schemas.ts'
import { ownerOf } from '../documents/job-owner.ts'
import type { App } from '../http/app.ts'
import { sendDownload, UPDATE_FILE } from '../http/download.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createVersionService } from './service.ts'

/** Versions of a board: list, create, download, delete, restore. */
export async function versionPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { db, transact, authenticate, rateLimit, limitDownloads, documents, quotas } =
    infrastructure
  const params = boardParamsSchema
  const querystring = pageQuerySchema
  const versions = createVersionService({ db, transact, documents, quotas })
  requireUser(app, authenticate)
  const limitWork = limitPerUser(rateLimit, 'documentWork')

  app.get(
    '/api/boards/:boardId/versions',
    {
      config: { openTo: { appUsers: true, keys: 'boards:read' } },
      schema: operation('listVersions', 'List the versions of a board', {
        params,
        querystring,
        response: { 200: schemas.versionPageSchema },
      }),
    },
    (request) => versions.list(request.user.id, request.params.boardId, request.query),
  )

  app.post(
    '/api/boards/:boardId/versions',
    {
      preValidation: limitWork,
      config: { openTo: { appUsers: true, keys: 'boards:write' } },
      schema: operation('createVersion', 'Keep the current document as a named version', {
        description:
          '409 `quota_exceeded` for a board with too many versions, or where the workspace or its owner stores too much. 503 `documents_busy` while the document, or too many others, are processed: try again later.',
        params,
        body: schemas.createVersionSchema,
        response: { 201: schemas.versionSchema },
      }),
    },
    async (request, reply) => {
      const { boardId } = request.params
      const version = await versions.create(
        actorOf(request),
        ownerOf(request, reply),
        boardId,
        request.body,
      )
      const location = `/api/boards/${boardId}/versions/${version.id}`
      return reply.header('location', location).send(version)
    },
  )

  app.get(
    '/api/boards/:boardId/versions/:versionId',
    {
      config: { isLong: true, openTo: { appUsers: true, keys: 'boards:read' } },
      preValidation: [limitWork, limitDownloads],
      schema: operation('getVersion', 'Download a version', {
        params: schemas.versionParamsSchema,
        response: { 200: { description: 'The version', content: binaryContent } },
      }),
    },
    async (request, reply) => {
      const { boardId, versionId } = request.params
      const version = await versions.download(request.user.id, boardId, versionId)
      return sendDownload(reply, version, UPDATE_FILE, versionId)
    },
  )

  app.delete(
    '/api/boards/:boardId/versions/:versionId',
    {
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('deleteVersion', 'Delete a version', {
        params: schemas.versionParamsSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => versions.delete(actorOf(request), request.params),
  )

  app.post(
    '/api/boards/:boardId/versions/:versionId/restore',
    {
      preValidation: limitWork,
      config: { openTo: { appUsers: true, keys: 'boards:write' } },
      schema: operation('restoreVersion', 'Restore a version', {
        description:
          'An edit on top of all others; connected clients receive it at once. The document before it is kept as a version. 409 `quota_exceeded` where the workspace or its owner stores too much. 503 `documents_busy` while the document, or too many others, are processed: try again later.',
        params: schemas.versionParamsSchema,
        response: { 200: schemas.restoredVersionSchema },
      }),
    },
    (request, reply) => versions.restore(actorOf(request), ownerOf(request, reply), request.params),
  )
}
