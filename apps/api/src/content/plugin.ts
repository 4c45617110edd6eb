import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { BINARY, JSON_FILE, sendDownload, UPDATE_FILE } from './download.ts'
import * as schemas from './schemas.ts'
import { createContentService } from './service.ts'

/** Largest update that may be imported, bytes. */
const MAX_IMPORT_BYTES = 16 * 1024 * 1024

/** A board's document: its size, export and import. */
export async function contentPlugin(
  app: App,
  { db, transact, authenticate, rateLimit, documents, quotas }: Infrastructure,
): Promise<void> {
  const params = boardParamsSchema
  const content = createContentService({ db, transact, documents, quotas })
  requireUser(app, authenticate)
  const limitWork = limitPerUser(rateLimit, 'documentWork')

  app.get(
    '/api/boards/:boardId/document',
    {
      schema: operation('getDocument', 'Get the size and state of a stored document', {
        params,
        response: { 200: schemas.documentDetailsSchema },
      }),
    },
    (request) => content.details(request.user.id, request.params.boardId),
  )

  app.get(
    '/api/boards/:boardId/export',
    {
      preValidation: limitWork,
      schema: operation('exportDocument', 'Download the document of a board', {
        description: 'As one Yjs update, or with `?format=json` as the JSON of its shared types.',
        params,
        querystring: schemas.exportQuerySchema,
        response: {
          200: {
            description: 'The document',
            content: { ...schemas.binaryContent, 'application/json': { schema: {} } },
          },
        },
      }),
    },
    async (request, reply) => {
      const { boardId } = request.params
      const wanted = request.query.format ?? formatOf(request.headers.accept)
      const bytes = await content.export(request.user.id, boardId, wanted)
      return sendDownload(reply, bytes, wanted === 'json' ? JSON_FILE : UPDATE_FILE, boardId)
    },
  )

  app.addContentTypeParser(
    BINARY,
    { parseAs: 'buffer', bodyLimit: MAX_IMPORT_BYTES },
    async (_request: unknown, body: Buffer) => body,
  )
  app.post(
    '/api/boards/:boardId/import',
    {
      bodyLimit: MAX_IMPORT_BYTES,
      preValidation: limitWork,
      schema: operation('importDocument', 'Merge a Yjs update into the document of a board', {
        params,
        body: { content: schemas.binaryContent },
        response: { 200: schemas.documentChangeSchema },
      }),
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) {
        throw new ApiError(415, 'unsupported_media_type', `Send the update as ${BINARY}`)
      }
      return content.import(actorOf(request), request.params.boardId, request.body)
    },
  )
}

/** JSON where `Accept` names it and does not name bytes; a browser or `*` gets bytes. */
function formatOf(accept = ''): 'update' | 'json' {
  return accept.includes('application/json') && !accept.includes(BINARY) ? 'json' : 'update'
}
