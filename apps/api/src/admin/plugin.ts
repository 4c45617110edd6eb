import { asJsonLines } from '../account/held.ts'
import { heldResponse } from '../account/schemas.ts'
import { requireAdmin } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { JSON_LINES_FILE, sendDownload } from '../http/download.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { NO_CONTENT, REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceUsageSchema } from '../usage/schemas.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { createAdminister } from './acts.ts'
import { createAdminAuditService } from './audit-service.ts'
import { createBoardsService } from './boards-service.ts'
import { createPeopleService } from './people-service.ts'
import { createQuarantineService } from './quarantine-service.ts'
import * as schemas from './schemas.ts'
import { createWorkspacesService } from './workspaces-service.ts'

/** What administrators of the installation do; documents are not theirs to read. */
export async function adminPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const administer = createAdminister(infrastructure.transact)
  const people = createPeopleService({ ...infrastructure, administer })
  const boards = createBoardsService({
    ...infrastructure,
    presence: infrastructure.sharedState.presence,
    administer,
  })
  const workspaces = createWorkspacesService({ ...infrastructure, administer })
  const quarantine = createQuarantineService({ ...infrastructure, administer })
  const audit = createAdminAuditService(infrastructure)
  requireAdmin(app, infrastructure.authenticate)

  app.get(
    '/api/admin/people',
    {
      schema: operation('adminListPeople', 'List people', {
        description: 'For administrators. Newest first; finds parts of emails and names, and ids.',
        querystring: schemas.searchQuerySchema,
        response: { 200: schemas.peoplePageSchema },
      }),
    },
    (request) => people.list(request.query),
  )

  app.post(
    '/api/admin/people/:personId/sign-out',
    {
      config: { isUrgent: true },
      schema: operation('adminSignOut', 'End all sessions of a person', {
        description: 'For administrators. Their connections close; they may sign in again.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: REMOVED,
      }),
    },
    (request) => people.signOut(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/people/:personId/disable',
    {
      config: { isUrgent: true },
      schema: operation('adminDisable', 'Disable a person', {
        description:
          'For administrators. Ends their sessions and connections, and refuses sign-ins with 403 `account_disabled`; nothing of theirs is deleted. Nobody disables themselves.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: REMOVED,
      }),
    },
    (request) => people.disable(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/people/:personId/enable',
    {
      schema: operation('adminEnable', 'Enable a person', {
        description: 'For administrators. They may sign in again.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => people.enable(actorOf(request), { ...request.params, ...request.body }),
  )

  app.get(
    '/api/admin/people/:personId',
    {
      schema: operation('adminGetPerson', 'Get a person', {
        description: 'For administrators.',
        params: schemas.personParamsSchema,
        response: { 200: schemas.personDetailsSchema },
      }),
    },
    (request) => people.get(request.params.personId),
  )

  app.post(
    '/api/admin/people/:personId/erase',
    {
      config: { isUrgent: true },
      schema: operation('adminErase', 'Erase a person', {
        description:
          'For administrators. Deletes the account as its owner could, and what names its email: invites, offered memberships, entries of the audit log. Refused while others use a workspace that only they own.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: REMOVED,
      }),
    },
    (request) => people.erase(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/people/:personId/export',
    {
      preValidation: infrastructure.limitDownloads,
      schema: operation('adminExport', 'Download what is held of a person', {
        description:
          'For administrators. What the person could download themselves: no document, and no email of another.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: heldResponse,
      }),
    },
    async (request, reply) => {
      const { personId } = request.params
      const held = await people.export(actorOf(request), { personId, ...request.body })
      return sendDownload(reply, asJsonLines(held), JSON_LINES_FILE, personId)
    },
  )

  app.get(
    '/api/admin/boards',
    {
      schema: operation('adminListBoards', 'List all boards', {
        description:
          'For administrators. Newest first, including the trash; finds parts of names, and ids of boards and workspaces.',
        querystring: schemas.searchQuerySchema,
        response: { 200: schemas.adminBoardPageSchema },
      }),
    },
    (request) => boards.list(request.query),
  )

  app.get(
    '/api/admin/boards/:boardId',
    {
      schema: operation('adminGetBoard', 'Get how a board is stored', {
        description: 'For administrators. Everything but what is on it.',
        params: boardParamsSchema,
        response: { 200: schemas.adminBoardDetailsSchema },
      }),
    },
    (request) => boards.get(request.params.boardId),
  )

  app.get(
    '/api/admin/boards/:boardId/connections',
    {
      schema: operation('adminListConnected', 'List who is connected to a board', {
        description: 'For administrators. 503 `presence_unavailable` while Redis does not answer.',
        params: boardParamsSchema,
        response: { 200: schemas.connectedPeopleSchema },
      }),
    },
    (request) => boards.listConnected(request.params.boardId),
  )

  app.post(
    '/api/admin/boards/:boardId/move',
    {
      config: { isUrgent: true },
      schema: operation('adminMoveBoard', 'Move a board to another workspace', {
        description:
          'For administrators. Members of the workspace that it is in lose it, those of the other one get it. People on the board itself stay, invites to it are revoked. 409 `quota_exceeded` unless `force` is set.',
        params: boardParamsSchema,
        body: schemas.moveBoardSchema,
        response: REMOVED,
      }),
    },
    (request) => boards.move(actorOf(request), request.params.boardId, request.body),
  )

  app.get(
    '/api/admin/quarantine',
    {
      schema: operation('adminListQuarantine', 'List boards with parts in quarantine', {
        description: 'For administrators. Those quarantined last first.',
        querystring: pageQuerySchema,
        response: { 200: schemas.quarantinePageSchema },
      }),
    },
    (request) => quarantine.list(request.query),
  )

  app.post(
    '/api/admin/boards/:boardId/requeue',
    {
      schema: operation('adminRequeue', 'Store quarantined updates again', {
        description:
          'For administrators, once a release can read them. What still cannot be applied is quarantined again. Up to 500 updates or 4 MiB at a time: repeat it while some are left.',
        params: boardParamsSchema,
        body: schemas.actSchema,
        response: { 200: schemas.requeuedSchema },
      }),
    },
    (request) => quarantine.requeue(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/workspaces/:workspaceId/owner',
    {
      schema: operation('adminMakeOwner', 'Make a person the owner of a workspace', {
        description:
          'For administrators, where its owner is gone: the person is not asked, and becomes a member. Other owners stay what they are.',
        params: workspaceParamsSchema,
        body: schemas.makeOwnerSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => workspaces.makeOwner(actorOf(request), request.params.workspaceId, request.body),
  )

  app.get(
    '/api/admin/workspaces/:workspaceId/quota',
    {
      schema: operation('adminGetQuota', 'Get what a workspace uses of its quotas', {
        description: 'For administrators.',
        params: workspaceParamsSchema,
        response: { 200: workspaceUsageSchema },
      }),
    },
    (request) => workspaces.usage(request.params.workspaceId),
  )

  app.put(
    '/api/admin/workspaces/:workspaceId/quota',
    {
      schema: operation('adminSetQuota', 'Set the quotas of one workspace', {
        description:
          'For administrators. In place of those that all workspaces have: it counts by them alone, and no longer for its owner. What is there beyond a lower quota stays. Gateways learn of it within a minute.',
        params: workspaceParamsSchema,
        body: schemas.workspaceQuotaSchema,
        response: { 200: workspaceUsageSchema },
      }),
    },
    (request) => workspaces.setQuota(actorOf(request), request.params.workspaceId, request.body),
  )

  app.get(
    '/api/admin/audit',
    {
      schema: operation('adminListAudit', 'List what administrators did', {
        description: 'For administrators. Newest first.',
        querystring: pageQuerySchema,
        response: { 200: schemas.adminAuditPageSchema },
      }),
    },
    (request) => audit.list(request.query),
  )
}
