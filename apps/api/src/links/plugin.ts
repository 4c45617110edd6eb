import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf, clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { findSessionOwner } from '../sessions/owners.ts'
import { findUser } from '../users/repository.ts'
import { createGuesses } from './guesses.ts'
import { announceLinkEnds } from './link-ends.ts'
import { createOpenLink, type Visitor } from './open-link.ts'
import { createPasswords } from './passwords.ts'
import * as schemas from './schemas.ts'
import { createLinkService } from './service.ts'

/** Links: create, list and revoke on a board; preview and open with the token. */
export async function linkPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { db, authenticate, rateLimit, rates, webOrigins } = infrastructure
  const { cookies, guestCookies, allowsOrigin, presentUser } = infrastructure
  const passwords = createPasswords()
  const guesses = createGuesses(rates)
  const links = createLinkService({ ...infrastructure, passwords, webOrigin: webOrigins[0] })
  const openLink = createOpenLink({ ...infrastructure, passwords, guesses })
  app.addHook('onClose', announceLinkEnds(infrastructure))

  const limitPerAddress = async (request: FastifyRequest, reply: FastifyReply) =>
    rateLimit(request, reply, 'linkOpen', request.ip)

  /** Whose token or cookie a request has; a person's cookie before a guest's. */
  const identify = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Visitor['known']> => {
    if (request.headers.authorization !== undefined) {
      await authenticate(request, reply)
      const user = await findUser(db, request.user.id)
      return user && { user, sessionId: request.sessionId }
    }
    refuseCrossSite(request, allowsOrigin)
    const owner = await findSessionOwner(
      db,
      [cookies, guestCookies].map((jar) => jar.read(request)),
    )
    const user = owner && (await findUser(db, owner.user.id))
    return user && { user, sessionId: owner.sessionId }
  }

  app.get(
    '/api/links/:token',
    {
      onRequest: limitPerAddress,
      schema: operation('previewLink', 'Look at a link before you open it', {
        params: schemas.linkTokenParamsSchema,
        response: { 200: schemas.linkPreviewSchema },
      }),
    },
    (request) => links.preview(request.params.token),
  )

  app.post(
    '/api/links/:token/open',
    {
      config: { openTo: { guests: true } },
      onRequest: limitPerAddress,
      schema: operation('openLink', 'Open a board by its link', {
        description:
          'With an access token or a session cookie you get access under your account. Without one you are a guest, who has a cookie of their own in each browser, and may only look until they give a name. Repeating the request returns the same. 403 `password_required` and `password_wrong`, and 429 `too_many_passwords` after five wrong ones; 403 `guests_not_allowed` where the workspace lets no guests in; 503 `passwords_busy` while too many are checked.',
        params: schemas.linkTokenParamsSchema,
        body: schemas.openLinkSchema,
        response: { 200: schemas.openedLinkSchema },
      }),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const known = await identify(request, reply)
      const visitor = { client: clientOf(request), address: request.ip, known }
      const { user, access, session, ...board } = await openLink(
        visitor,
        request.params.token,
        request.body,
      )
      if (session) guestCookies.set(reply, session)
      const { accessToken, expiresAt } = access
      return {
        ...{ accessToken, expiresAt: expiresAt.toISOString() },
        ...{ user: presentUser(user), ...board },
      }
    },
  )

  await app.register(async (scope: App) => {
    requireUser(scope, authenticate)

    scope.post(
      '/api/boards/:boardId/links',
      {
        preValidation: limitPerUser(rateLimit, 'inviteCreate'),
        schema: operation('createLink', 'Create a link to a board', {
          description:
            'Who has the link has its role for as long as it lives, with an account or without. The answer is the only one with the token: only its hash is stored. 503 `passwords_busy` while too many passwords are processed.',
          params: boardParamsSchema,
          body: schemas.createLinkSchema,
          response: { 201: schemas.createdLinkSchema },
        }),
      },
      (request) => links.create(actorOf(request), request.params.boardId, request.body),
    )

    scope.get(
      '/api/boards/:boardId/links',
      {
        schema: operation('listLinks', 'List the links to a board', {
          params: boardParamsSchema,
          querystring: pageQuerySchema,
          response: { 200: schemas.linkPageSchema },
        }),
      },
      (request) => links.list(request.user.id, request.params.boardId, request.query),
    )

    scope.delete(
      '/api/boards/:boardId/links/:linkId',
      {
        config: { isUrgent: true },
        schema: operation('revokeLink', 'Revoke a link', {
          description: 'The connections of all who came by it end at once.',
          params: schemas.linkParamsSchema,
          response: REMOVED,
        }),
      },
      (request) => links.revoke(actorOf(request), request.params),
    )
  })
}
