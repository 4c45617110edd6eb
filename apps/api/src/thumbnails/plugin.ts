import type { FastifyReply, FastifyRequest } from 'fastify'
import { signedQuerySchema } from '../assets/signed-addresses.ts'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { createThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import type { Thumbnail } from '../boards/thumbnail-repository.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { hasAlready } from '../http/etag.ts'
import { FOR_EVER, openToPages, SANDBOX, varyByToken } from '../http/files.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createThumbnailService, type ThumbnailService } from './service.ts'

/** Kept, but asked for each time whether it is the newest. */
const REVALIDATED = 'private, no-cache'

/** What this plugin's routes share. */
interface Deps extends Infrastructure {
  thumbnails: ThumbnailService
}

/** Pictures of boards, for lists. */
export async function thumbnailPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const addresses = createThumbnailAddresses(infrastructure)
  const thumbnails = createThumbnailService({ ...infrastructure, addresses })
  const deps = { ...infrastructure, thumbnails }
  await app.register(uploadRoute, deps)
  await app.register(thumbnailRoutes, deps)
  await app.register(signedRoute, deps)
}

/** Takes bodies of any type: what a picture is shows in its bytes. */
async function uploadRoute(app: App, { thumbnails, authenticate, rateLimit }: Deps): Promise<void> {
  requireUser(app, authenticate)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.put(
    '/api/boards/:boardId/thumbnail',
    {
      onRequest: limitPerUser(rateLimit, 'thumbnail'),
      bodyLimit: schemas.MAX_THUMBNAIL_BYTES,
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('setThumbnail', 'Give a board a thumbnail', {
        description:
          'The body is a PNG or a WebP of at most 48 KiB, with at most 2,048 pixels on each side. It takes the place of a `thumbnailUrl`. Neither `updatedAt` nor the version of the board changes; event streams send at most one `board.updated` a minute for it. 413 `payload_too_large`, 415 `unsupported_file_type`, 422 `too_many_pixels`.',
        params: boardParamsSchema,
        body: { content: schemas.thumbnailContent },
        response: NO_CONTENT,
      }),
    },
    (request) => {
      const { boardId } = request.params
      return thumbnails.set(actorOf(request), boardId, (request.body ?? NOTHING) as Buffer)
    },
  )
}

const NOTHING = Buffer.alloc(0)

async function thumbnailRoutes(
  app: App,
  { thumbnails, authenticate, rateLimit }: Deps,
): Promise<void> {
  const params = boardParamsSchema
  requireUser(app, authenticate)

  app.get(
    '/api/boards/:boardId/thumbnail',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:read' } },
      schema: operation('getThumbnail', 'Download the thumbnail of a board', {
        description: '`thumbnailUrl` of the board is its address for `<img>`.',
        params,
        response: schemas.thumbnailResponses,
      }),
    },
    async (request, reply) => {
      const thumbnail = await thumbnails.find(request.user.id, request.params.boardId)
      return sendThumbnail(request, varyByToken(reply), thumbnail, REVALIDATED)
    },
  )

  app.delete(
    '/api/boards/:boardId/thumbnail',
    {
      onRequest: limitPerUser(rateLimit, 'thumbnail'),
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('deleteThumbnail', 'Leave a board without a thumbnail', {
        description: 'For a board that is empty now. It removes a `thumbnailUrl` too.',
        params,
        response: NO_CONTENT,
      }),
    },
    (request) => thumbnails.remove(actorOf(request), request.params.boardId),
  )
}

async function signedRoute(app: App, { thumbnails, rateLimit }: Deps): Promise<void> {
  app.get(
    '/api/boards/:boardId/thumbnail/:digest',
    {
      onRequest: [
        openToPages,
        async (request: FastifyRequest, reply: FastifyReply) =>
          rateLimit(request, reply, 'assetAddress', request.ip),
      ],
      schema: operation('getSignedThumbnail', 'Download a thumbnail by its signed address', {
        description: 'The newest one of the board, where it has another since.',
        params: schemas.signedThumbnailParamsSchema,
        querystring: signedQuerySchema,
        response: schemas.thumbnailResponses,
      }),
    },
    async (request, reply) => {
      const thumbnail = await thumbnails.findSigned(request.params, request.query)
      const isSame = thumbnail.digest === request.params.digest
      return sendThumbnail(request, reply, thumbnail, isSame ? FOR_EVER : REVALIDATED)
    },
  )
}

function sendThumbnail(
  request: FastifyRequest,
  reply: FastifyReply,
  { digest, contentType, bytes }: Thumbnail,
  cacheControl: string,
): FastifyReply {
  const etag = `"${digest}"`
  reply
    .header('etag', etag)
    .header('cache-control', cacheControl)
    .header('content-security-policy', SANDBOX)
  return hasAlready(request, etag) ? reply.code(304).send() : reply.type(contentType).send(bytes)
}
