import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { etagOf } from '../http/etag.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from '../pending-memberships/schemas.ts'
import { workspaceParamsSchema, workspaceSchema } from '../workspaces/schemas.ts'
import { createAnswerService } from './answer-service.ts'
import { createOfferService } from './offer-service.ts'

/** Memberships of workspaces before they count: offer, list, withdraw; accept, decline. */
export async function membershipPlugin(
  app: App,
  { db, transact, quotas, authenticate, rateLimit }: Infrastructure,
): Promise<void> {
  const params = workspaceParamsSchema
  const querystring = pageQuerySchema
  const offers = createOfferService({ db, transact })
  const answers = createAnswerService({ db, transact, quotas })
  requireUser(app, authenticate)

  app.post(
    '/api/workspaces/:workspaceId/members',
    {
      preValidation: limitPerUser(rateLimit, 'inviteCreate'),
      schema: operation('addMember', 'Offer a membership of a workspace', {
        description:
          'The person becomes a member when they accept. The answer is the same whether an account has the email or not; someone who signs in with it later finds the offer. Another offer to the same email takes its place.',
        params,
        body: schemas.offerSchema,
        response: { 202: schemas.membershipSchema },
      }),
    },
    (request) => offers.offer(actorOf(request), request.params.workspaceId, request.body),
  )

  app.post(
    '/api/workspaces/:workspaceId/transfer',
    {
      schema: operation('transferWorkspace', 'Offer the workspace to another member', {
        description:
          'When they accept, they become the owner and you an admin. Another offer takes its place.',
        params,
        body: schemas.transferSchema,
        response: { 202: schemas.membershipSchema },
      }),
    },
    (request) => offers.transfer(actorOf(request), request.params.workspaceId, request.body.userId),
  )

  app.get(
    '/api/workspaces/:workspaceId/memberships',
    {
      schema: operation('listPendingMemberships', 'List what a workspace has offered', {
        params,
        querystring,
        response: { 200: schemas.membershipPageSchema },
      }),
    },
    (request) => offers.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.delete(
    '/api/workspaces/:workspaceId/memberships/:membershipId',
    {
      config: { isUrgent: true },
      schema: operation('withdrawMembership', 'Withdraw a pending membership', {
        params: schemas.membershipParamsSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => offers.withdraw(actorOf(request), request.params),
  )

  app.get(
    '/api/memberships',
    {
      schema: operation('listMemberships', 'List the memberships that are offered to you', {
        querystring,
        response: { 200: schemas.membershipPageSchema },
      }),
    },
    (request) => answers.list(request.user.id, request.query),
  )

  app.post(
    '/api/memberships/:membershipId/accept',
    {
      schema: operation('acceptMembership', 'Accept a membership', {
        description: 'Repeating the request returns the workspace again.',
        params: schemas.ownMembershipParamsSchema,
        response: { 200: workspaceSchema },
      }),
    },
    async (request, reply) => {
      const { membershipId } = request.params
      const { workspace, version } = await answers.accept(actorOf(request), membershipId)
      return reply.header('etag', etagOf(version)).send(workspace)
    },
  )

  app.post(
    '/api/memberships/:membershipId/decline',
    {
      schema: operation('declineMembership', 'Decline a membership', {
        description: 'Repeating the request changes nothing.',
        params: schemas.ownMembershipParamsSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => answers.decline(actorOf(request), request.params.membershipId),
  )
}
