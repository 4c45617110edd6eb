import type { IncomingMessage } from 'node:http'
import { EXCALIDRAW_TYPE } from '@mindfuse/scene'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireUser } from '../auth/authenticate.ts'
import type { BoardAssetService } from '../board-assets/service.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import { ownerOf } from '../documents/job-owner.ts'
import type { App } from '../http/app.ts'
import { BINARY, EXCALIDRAW_FILE, JSON_FILE, sendDownload, UPDATE_FILE } from '../http/download.ts'
import { ApiError } from '../http/errors.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { whenClosed } from '../http/when-closed.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { MAX_IMPORT_BYTES, type ReceivedImport, receiveImport } from './receive-import.ts'
import * as schemas from './schemas.ts'
import { createContentService } from './service.ts'

/** A board's document: its size, export and import. */
export async function contentPlugin(
  app: App,
  infrastructure: Infrastructure & { files: BoardAssetService },
): Promise<void> {
  const { authenticate, rateLimit, limitDownloads, limitUploads, documents } = infrastructure
  const params = boardParamsSchema
  const content = createContentService(infrastructure)
  requireUser(app, authenticate)
  const limitWork = limitPerUser(rateLimit, 'documentWork')

  app.get(
    '/api/boards/:boardId/document',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
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
      config: { isLong: true, openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      preValidation: [limitWork, limitDownloads],
      schema: operation('exportDocument', 'Download the document of a board', {
        description:
          'As one Yjs update, with `?format=json` as the JSON of its shared types, or with `?format=excalidraw` as a `.excalidraw` file with its pictures. Content that was deleted is not kept, so Yjs snapshots of a `gc: false` document cannot be restored from it: create versions of the board instead. 503 `documents_busy` while it, or too many others, are processed: try again later.',
        params,
        querystring: schemas.exportQuerySchema,
        response: {
          200: {
            description: 'The document',
            content: {
              ...schemas.binaryContent,
              'application/json': { schema: {} },
              ...schemas.sceneContent,
            },
          },
        },
      }),
    },
    async (request, reply) => {
      const { boardId } = request.params
      const wanted = request.query.format ?? formatOf(request.headers.accept)
      const document = await content.export(ownerOf(request, reply), boardId, wanted)
      return sendDownload(reply, document, FILES[wanted], boardId)
    },
  )

  app.addContentTypeParser(
    [BINARY, EXCALIDRAW_TYPE],
    { bodyLimit: MAX_IMPORT_BYTES },
    (request: FastifyRequest, payload: IncomingMessage) =>
      receiveImport(request, payload, documents.spool),
  )
  app.post(
    '/api/boards/:boardId/import',
    {
      bodyLimit: MAX_IMPORT_BYTES,
      // Before the body is received, and as soon as it is.
      onRequest: [limitWork, limitUploads],
      preValidation: closeBody,
      config: { openTo: { appUsers: true, keys: 'boards:write' } },
      schema: operation(
        'importDocument',
        'Merge a Yjs update or a scene into the document of a board',
        {
          description:
            'A `.excalidraw` file of any version is one too, with its media type: its elements take the place of those with the same ids, and its pictures become files of the board. 409 `quota_exceeded` where the workspace or its owner stores too much. 422 `malformed_update`, `malformed_scene`, `update_too_complex`, or `unsupported_content` for weak links and moves of Yrs, which Yjs cannot read. 503 `documents_busy` while the document, or too many others, are processed: try again later.',
          params,
          body: { content: { ...schemas.binaryContent, ...schemas.sceneContent } },
          response: { 200: schemas.documentChangeSchema },
        },
      ),
    },
    async (request, reply) => {
      if (!(request.body instanceof Object && 'chunks' in request.body)) {
        throw new ApiError(
          415,
          'unsupported_media_type',
          `Send an update as ${BINARY}, or a scene as ${EXCALIDRAW_TYPE}`,
        )
      }
      const update = request.body as ReceivedImport
      const owner = ownerOf(request, reply)
      const isScene = request.headers['content-type']?.startsWith(EXCALIDRAW_TYPE)
      const take = isScene ? content.importScene : content.import
      return take(actorOf(request), owner, request.params.boardId, update)
    },
  )
}

/** Frees what was received once the connection closes, which may be before all of it is in the spool. */
async function closeBody({ body }: FastifyRequest, reply: FastifyReply): Promise<void> {
  whenClosed(reply, () => void (body as Partial<ReceivedImport> | undefined)?.close?.())
}

const FILES = { update: UPDATE_FILE, json: JSON_FILE, excalidraw: EXCALIDRAW_FILE } as const

/** What `Accept` names, unless it names bytes too; a browser or `*` gets bytes. */
function formatOf(accept = ''): schemas.ExportFormat {
  if (accept.includes(BINARY)) return 'update'
  if (accept.includes(EXCALIDRAW_TYPE)) return 'excalidraw'
  return accept.includes('application/json') ? 'json' : 'update'
}
