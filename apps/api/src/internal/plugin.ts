import { Readable } from 'node:stream'
import {
  type AssetLimits,
  accessChangesReplySchema,
  accessChangesRequestSchema,
  authorizationsReplySchema,
  authorizationsRequestSchema,
  BOARD_NAME_HEADER,
  decodeUpdateBatch,
  INCARNATION_HEADER,
  MAX_UPDATE_BATCH_BYTES,
  MalformedBatchError,
  mergeReplySchema,
  mergeRequestSchema,
  parseInstanceReport,
  permissionReplySchema,
  positionsReplySchema,
  positionsRequestSchema,
  quarantineReplySchema,
  quarantineRequestSchema,
  REPLACED_SEQ_HEADER,
  STORAGE_FULL_HEADER,
  sessionAuthorizationsReplySchema,
  sessionAuthorizationsRequestSchema,
  updateBatchReplySchema,
} from '@mindfuse/internal'
import { Type } from 'typebox'
import { findPermission } from '../boards/permission.ts'
import { touchBoards } from '../boards/repository.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { readAccessChanges } from '../changes/access-changes.ts'
import { DeferredTouches } from '../db/deferred-touches.ts'
import { createDocumentService } from '../documents/service.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { closedObject } from '../http/fields.ts'
import { onInternalPort } from '../http/internal-port.ts'
import { whenClosed } from '../http/when-closed.ts'
import { type Infrastructure, secretsOf } from '../infrastructure.ts'
import type { QuotaLimits } from '../quota-limits.ts'
import { StorageWatch } from '../quotas/storage-watch.ts'
import { findAuthorizations } from './authorizations.ts'
import { createSecretCheck } from './secret.ts'
import { findSessionAuthorizations } from './session-authorizations.ts'

const BINARY = 'application/octet-stream'

const permissionQuerySchema = closedObject({ userId: Type.String({ format: 'uuid' }) })

const documentQuerySchema = closedObject({
  after: Type.Integer({ minimum: 0, default: 0, description: 'seq that is known already' }),
})

/** What gateways need. Never routed to the public; guarded by the shared secret all the same. */
export async function internalPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const params = boardParamsSchema
  const { db, internalPort, cookies, guestCookies, keyUses } = infrastructure
  const cookieNames = [cookies.name, guestCookies.name]
  const internal = infrastructure.database.internal.db
  const { quarantine } = infrastructure.documents
  const sessions = { db: internal, cookieNames, keyUses }
  const documents = createDocumentService({ db, internal, ...infrastructure.documents })
  const updatedBoards = new DeferredTouches({
    what: 'updates of boards',
    log: infrastructure.log,
    touch: (boardIds) => touchBoards(internal, boardIds),
  })
  app.addHook('onClose', () => updatedBoards.close())
  const storage = new StorageWatch({ ...infrastructure, limits: infrastructure.quotas.limits })
  const assetLimits = infrastructure.assets && {
    assets: assetLimitsOf(infrastructure.quotas.limits),
  }
  const isGateway = createSecretCheck(secretsOf(infrastructure))
  app.addHook('onRequest', onInternalPort(internalPort))
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
        params,
        querystring: permissionQuerySchema,
        response: { 200: permissionReplySchema },
      },
    },
    (request) => findPermission(internal, request.query.userId, request.params.boardId),
  )

  app.get(
    '/internal/boards/:boardId/document',
    { schema: { params, querystring: documentQuerySchema } },
    async (request, reply) => {
      const { boardId } = request.params
      const isFull = await storage.isFullWhenMeasured(boardId)
      const loaded = await documents.load(boardId, request.query.after)
      const { parts, replacedSeq, incarnation, boardName, free } = loaded
      whenClosed(reply, free)
      reply.header(BOARD_NAME_HEADER, encodeURIComponent(boardName))
      if (isFull) reply.header(STORAGE_FULL_HEADER, '1')
      if (replacedSeq > 0) reply.header(REPLACED_SEQ_HEADER, replacedSeq)
      if (incarnation !== null) reply.header(INCARNATION_HEADER, incarnation)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      return reply.type(BINARY).header('content-length', length).send(Readable.from(parts))
    },
  )

  app.post(
    '/internal/boards/:boardId/quarantine',
    { schema: { params, body: quarantineRequestSchema, response: { 200: quarantineReplySchema } } },
    (request) => quarantine.report(request.params.boardId, request.body),
  )

  app.post(
    '/internal/boards/:boardId/merge',
    { schema: { params, body: mergeRequestSchema, response: { 200: mergeReplySchema } } },
    (request) => documents.merge(request.params.boardId, request.body.userId),
  )

  app.post(
    '/internal/authorizations',
    { schema: { body: authorizationsRequestSchema, response: { 200: authorizationsReplySchema } } },
    (request) => findAuthorizations(internal, request.body),
  )

  app.post(
    '/internal/access-changes',
    { schema: { body: accessChangesRequestSchema, response: { 200: accessChangesReplySchema } } },
    async ({ body: { after, report, ...gateway } }) => {
      infrastructure.appliedChanges.note({ ...gateway, upTo: after ?? 0 })
      const read = parseInstanceReport(report)
      if (read) infrastructure.instances.report(read)
      return { ...(await readAccessChanges(internal, after)), ...assetLimits }
    },
  )

  app.post(
    '/internal/session-authorizations',
    {
      schema: {
        body: sessionAuthorizationsRequestSchema,
        response: { 200: sessionAuthorizationsReplySchema },
      },
    },
    async ({ body }) => ({
      results: await findSessionAuthorizations(sessions, body),
    }),
  )

  app.post(
    '/internal/positions',
    { schema: { body: positionsRequestSchema, response: { 200: positionsReplySchema } } },
    async (request) => {
      const reply = await documents.positions(request.body.boardIds)
      return {
        ...reply,
        positions: reply.positions.map((board) => withStorage(board, storage)),
      }
    },
  )

  app.post(
    '/internal/updates',
    {
      bodyLimit: MAX_UPDATE_BATCH_BYTES,
      schema: { response: { 200: updateBatchReplySchema } },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) {
        throw new ApiError(415, 'unsupported_media_type', `Send the batch as ${BINARY}`)
      }
      const batch = decodeBatch(request.body)
      const reply = await documents.append(batch)
      for (const [i, { boardId, updates }] of batch.entries()) {
        if (reply.results[i]?.status !== 'stored') continue
        updatedBoards.note(boardId)
        storage.add(
          boardId,
          updates.reduce((sum, { update }) => sum + update.length, 0),
        )
      }
      return {
        ...reply,
        results: reply.results.map((result) =>
          result.status === 'stored' ? withStorage(result, storage) : result,
        ),
      }
    },
  )
}

function assetLimitsOf({ assetBytesPerFile, assetBytesPerBoard }: QuotaLimits): AssetLimits {
  return {
    maxAssetBytes: assetBytesPerFile,
    ...(assetBytesPerBoard > 0 && { maxBoardAssetBytes: assetBytesPerBoard }),
  }
}

/** Adds whether the storage of the board's workspace is used up, where it is. */
function withStorage<Board extends { boardId: string }>(board: Board, storage: StorageWatch) {
  return storage.isFull(board.boardId) ? { ...board, storageFull: true } : board
}

function decodeBatch(body: Buffer) {
  try {
    return decodeUpdateBatch(body)
  } catch (error) {
    if (error instanceof MalformedBatchError) throw new ApiError(400, error.code, error.message)
    throw error
  }
}
