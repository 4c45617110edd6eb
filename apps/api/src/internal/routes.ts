import { Readable } from 'node:stream'
import {
  authorizationsReplySchema,
  authorizationsRequestSchema,
  decodeUpdateBatch,
  MalformedBatchError,
  permissionReplySchema,
  positionsReplySchema,
  positionsRequestSchema,
  quarantineReplySchema,
  quarantineRequestSchema,
  updateBatchReplySchema,
} from '@mindfuse/internal'
import { MAX_UPDATE_BATCH_BYTES } from '@mindfuse/protocol'
import { Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { BoardService } from '../boards/service.ts'
import type { Database } from '../db/database.ts'
import type { Quarantine } from '../documents/quarantine/service.ts'
import type { DocumentService } from '../documents/service.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { findAuthorizations } from './authorizations.ts'
import { onInternalPort } from './port.ts'
import { createSecretCheck } from './secret.ts'

const BINARY = 'application/octet-stream'

const permissionQuerySchema = Type.Object(
  { userId: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)

const documentQuerySchema = Type.Object(
  { after: Type.Integer({ minimum: 0, default: 0, description: 'seq that is known already' }) },
  { additionalProperties: false },
)

/** What gateways ask. Never routed to the public; guarded by the shared secret all the same. */
export async function internalRoutes(
  app: App,
  deps: {
    db: Database
    /** Any of them opens. */
    secrets: readonly string[]
    internalPort: number | undefined
    boards: BoardService
    documents: DocumentService
    quarantine: Quarantine
  },
): Promise<void> {
  const isGateway = createSecretCheck(deps.secrets)
  app.addHook('onRequest', onInternalPort(deps.internalPort))
  app.addHook('onRequest', async (request) => {
    if (!isGateway(request.headers.authorization)) {
      throw new ApiError(401, 'internal_secret_required', 'This route is for the gateways')
    }
  })
  app.addContentTypeParser(
    BINARY,
    { parseAs: 'buffer', bodyLimit: MAX_UPDATE_BATCH_BYTES },
    async (_request: unknown, body: Buffer) => body,
  )

  app.get(
    '/internal/boards/:boardId/permission',
    {
      schema: {
        params: boardParamsSchema,
        querystring: permissionQuerySchema,
        response: { 200: permissionReplySchema },
      },
    },
    (request) => deps.boards.permission(request.query.userId, request.params.boardId),
  )

  app.get(
    '/internal/boards/:boardId/document',
    { schema: { params: boardParamsSchema, querystring: documentQuerySchema } },
    async (request, reply) => {
      const parts = await deps.documents.load(request.params.boardId, request.query.after)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      return reply.type(BINARY).header('content-length', length).send(Readable.from(parts))
    },
  )

  app.post(
    '/internal/boards/:boardId/quarantine',
    {
      schema: {
        params: boardParamsSchema,
        body: quarantineRequestSchema,
        response: { 200: quarantineReplySchema },
      },
    },
    (request) => deps.quarantine.report(request.params.boardId, request.body),
  )

  app.post(
    '/internal/authorizations',
    {
      schema: {
        body: authorizationsRequestSchema,
        response: { 200: authorizationsReplySchema },
      },
    },
    async (request) => ({ results: await findAuthorizations(deps.db, request.body.connections) }),
  )

  app.post(
    '/internal/positions',
    { schema: { body: positionsRequestSchema, response: { 200: positionsReplySchema } } },
    (request) => deps.documents.positions(request.body.boardIds),
  )

  app.post(
    '/internal/updates',
    {
      bodyLimit: MAX_UPDATE_BATCH_BYTES,
      schema: { response: { 200: updateBatchReplySchema } },
    },
    (request) => {
      if (!Buffer.isBuffer(request.body)) {
        throw new ApiError(415, 'unsupported_media_type', `Send the batch as ${BINARY}`)
      }
      return deps.documents.append(decodeBatch(request.body))
    },
  )
}

function decodeBatch(body: Buffer) {
  try {
    return decodeUpdateBatch(body)
  } catch (error) {
    if (error instanceof MalformedBatchError) throw new ApiError(400, error.code, error.message)
    throw error
  }
}
