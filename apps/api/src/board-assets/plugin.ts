import type { IncomingMessage } from 'node:http'
import { networkOf } from '@mindfuse/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { signedQuerySchema } from '../assets/signed-addresses.ts'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { openToPages, varyByToken } from '../http/files.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser, sharerOf } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import { createTransferLimit } from '../http/transfer-limit.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { sendAsset } from './send-asset.ts'
import type { BoardAssetService } from './service.ts'

/** Most concurrent uploads of a user. */
const MAX_UPLOADS_AT_ONCE = 16

/** Most concurrent downloads of a user: over HTTP/2, browsers request all pictures of a board at once. */
const MAX_DOWNLOADS_AT_ONCE = 256

/** What this plugin's routes share. */
interface Deps extends Infrastructure {
  files: BoardAssetService
}

/** Files beside the document of a board. */
export async function boardAssetPlugin(app: App, deps: Deps): Promise<void> {
  await app.register(uploadRoute, deps)
  await app.register(fileRoutes, deps)
  await app.register(signedRoute, deps)
}

/** Takes bodies of any type: what a file is shows in its bytes. */
async function uploadRoute(app: App, { files, authenticate, rateLimit }: Deps): Promise<void> {
  requireUser(app, authenticate)
  app.removeAllContentTypeParsers()
  // Read by the handler, once it is known that the sender may.
  app.addContentTypeParser('*', (_request, body, done) => done(null, body))

  app.put(
    '/api/boards/:boardId/assets/:digest',
    {
      onRequest: [
        limitPerUser(rateLimit, 'assetUpload'),
        createTransferLimit('uploads', MAX_UPLOADS_AT_ONCE, sharerOf),
      ],
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('uploadAsset', 'Upload a file to a board', {
        description:
          'The body is the file. 200 for one that the board has already. 409 `quota_exceeded` says which quota is used up. 413 `file_too_large`, 415 `unsupported_file_type`, 422 `digest_mismatch`, 503 `uploads_busy` where too much is being received: try again later.',
        params: schemas.assetParamsSchema,
        body: { content: schemas.fileContent },
        response: { 200: schemas.assetSchema, 201: schemas.assetSchema },
      }),
    },
    async (request, reply) => {
      const body = (request.body ?? request.raw) as IncomingMessage
      const upload = { body, sender: sharerOf(request) }
      const { isNew, asset } = await files.add(actorOf(request), request.params, upload)
      return reply.code(isNew ? 201 : 200).send(asset)
    },
  )
}

async function fileRoutes(app: App, { files, authenticate }: Deps): Promise<void> {
  const params = schemas.assetParamsSchema
  requireUser(app, authenticate)
  const limitDownloads = createTransferLimit('downloads', MAX_DOWNLOADS_AT_ONCE, sharerOf)

  app.head(
    '/api/boards/:boardId/assets/:digest',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      schema: { params, hide: true },
    },
    async (request, reply) => {
      const asset = await files.findToName(request.user.id, request.params)
      return sendAsset(request, varyByToken(reply), asset, (range) => files.open(asset, range))
    },
  )

  app.get(
    '/api/boards/:boardId/assets/:digest',
    {
      preValidation: limitDownloads,
      config: { isLong: true, openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      schema: operation('getAsset', 'Download a file of a board', {
        description: 'Whole, or the part that `Range` names.',
        params,
        response: schemas.fileResponses,
      }),
    },
    async (request, reply) => {
      const asset = await files.find(request.user.id, request.params)
      return sendAsset(request, varyByToken(reply), asset, (range) => files.open(asset, range))
    },
  )

  app.delete(
    '/api/boards/:boardId/assets/:digest',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('deleteAsset', 'Take a file off a board', {
        description: 'At once, also where the document or a version names it.',
        params,
        response: NO_CONTENT,
      }),
    },
    (request) => files.remove(actorOf(request), request.params),
  )

  app.post(
    '/api/boards/:boardId/assets/urls',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      schema: operation('signAssetUrls', 'Get addresses of files, for `<img>` and the like', {
        description:
          'They need no access token and end within 15 minutes, also for people who lose access before. For 7½ minutes they are the same.',
        params: boardParamsSchema,
        body: schemas.addressRequestSchema,
        response: { 200: schemas.addressesSchema },
      }),
    },
    (request) => files.addresses(request.user.id, request.params.boardId, request.body.digests),
  )
}

async function signedRoute(app: App, { files, rateLimit }: Deps): Promise<void> {
  const params = schemas.assetParamsSchema
  const querystring = signedQuerySchema
  const onRequest = [
    openToPages,
    async (request: FastifyRequest, reply: FastifyReply) =>
      rateLimit(request, reply, 'assetAddress', request.ip),
    createTransferLimit('downloads', MAX_DOWNLOADS_AT_ONCE, ({ ip }) => networkOf(ip)),
  ]

  app.get(
    '/api/boards/:boardId/assets/:digest/signed',
    {
      onRequest,
      exposeHeadRoute: false,
      config: { isLong: true },
      schema: operation('getSignedAsset', 'Download a file by a signed address', {
        params,
        querystring,
        response: schemas.fileResponses,
      }),
    },
    async (request, reply) => {
      const asset = await files.findSigned(request.params, request.query)
      return sendAsset(request, reply, asset, (range) => files.open(asset, range))
    },
  )
}
