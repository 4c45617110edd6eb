import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { createThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createInviteService } from './service.ts'

/** Invites: create, list and revoke on a board; preview and accept with the link. */
export async function invitePlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { authenticate, rateLimit, webOrigins } = infrastructure
  const params = boardParamsSchema
  const querystring = pageQuerySchema
  const invites = createInviteService({
    ...infrastructure,
    webOrigin: webOrigins[0],
    addresses: createThumbnailAddresses(infrastructure),
  })
  app.get(
    '/api/invites/:token',
    {
      onRequest: async (request, reply) => rateLimit(request, reply, 'inviteUse', request.ip),
      schema: operation('previewInvite', 'Look at an invite before you accept it', {
        params: schemas.inviteTokenParamsSchema,
        response: { 200: schemas.invitePreviewSchema },
      }),
    },
    (request) => invites.preview(request.params.token),
  )

  await app.register(async (scope: App) => {
    requireUser(scope, authenticate)

    scope.post(
      '/api/invites/:token/accept',
      {
        preValidation: limitPerUser(rateLimit, 'inviteUse'),
        schema: operation('acceptInvite', 'Accept an invite', {
          description:
            'Repeating the request returns the board again. Where very many accept the same invite at once, some are refused with 503 `overloaded` and a `Retry-After`.',
          params: schemas.inviteTokenParamsSchema,
          response: { 200: schemas.acceptedInviteSchema },
        }),
      },
      async (request) => ({ board: await invites.accept(actorOf(request), request.params.token) }),
    )

    scope.post(
      '/api/boards/:boardId/invite',
      {
        preValidation: limitPerUser(rateLimit, 'inviteCreate'),
        schema: operation('createInvite', 'Create an invite to a board', {
          description: 'The answer is the only one with the token: only its hash is stored.',
          params,
          body: schemas.createInviteSchema,
          response: { 201: schemas.createdInviteSchema },
        }),
      },
      (request) => invites.create(actorOf(request), request.params.boardId, request.body),
    )

    scope.get(
      '/api/boards/:boardId/invites',
      {
        schema: operation('listInvites', 'List the invites to a board', {
          params,
          querystring,
          response: { 200: schemas.invitePageSchema },
        }),
      },
      (request) => invites.list(request.user.id, request.params.boardId, request.query),
    )

    scope.delete(
      '/api/boards/:boardId/invites/:inviteId',
      {
        config: { isUrgent: true },
        schema: operation('revokeInvite', 'Revoke an invite', {
          params: schemas.inviteParamsSchema,
          response: NO_CONTENT,
        }),
      },
      (request) => invites.revoke(actorOf(request), request.params),
    )
  })
}
