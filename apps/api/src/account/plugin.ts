import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { JSON_LINES_FILE, sendDownload } from '../http/download.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { isCookieOfAnother } from '../sessions/cookie-session.ts'
import { asJsonLines, readHeld } from './held.ts'
import { accountDeletionSchema, heldResponse, meSchema, updateMeSchema } from './schemas.ts'
import { createAccountService } from './service.ts'

/** The caller's own account: read it, choose a name, take along what is held of them, delete it. */
export async function accountPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { db, authenticate, cookies, database, rateLimit, limitDownloads } = infrastructure
  const account = createAccountService(infrastructure)
  requireUser(app, authenticate)

  app.get(
    '/api/auth/me',
    {
      config: { openTo: { guests: true, appUsers: true, keys: 'any' } },
      schema: operation('getMe', 'Get your account', { response: { 200: meSchema } }),
    },
    ({ user, sessionId }) => account.get(user, sessionId),
  )

  app.patch(
    '/api/auth/me',
    {
      config: { openTo: { guests: true } },
      preValidation: limitPerUser(rateLimit, 'rename'),
      schema: operation('updateMe', 'Choose your name', {
        description:
          'Sign-ins do not replace it. Open boards and channels show it at once. 409 `name_required` where a guest gives null. What a link gives only to guests with a name, it gives when it is opened again.',
        body: updateMeSchema,
        response: { 200: meSchema },
      }),
    },
    (request) => account.update(actorOf(request), request.user.kind, request.body),
  )

  app.get(
    '/api/auth/me/export',
    {
      config: { isLong: true },
      preValidation: [limitPerUser(rateLimit, 'documentWork'), limitDownloads],
      schema: operation('exportMe', 'Download what is held of you', {
        description:
          'Everything but what you drew, which each board exports, and without the emails of others.',
        response: heldResponse,
      }),
    },
    (request, reply) => {
      const { id } = request.user
      return sendDownload(reply, asJsonLines(readHeld(db, id)), JSON_LINES_FILE, id)
    },
  )

  app.delete(
    '/api/auth/me',
    {
      config: { isUrgent: true },
      schema: operation('deleteMe', 'Delete your account', {
        description:
          'Ends every session and removes your personal workspace with its boards. Refused while you are the only owner of a workspace that others use, or its next owner has no room for it in their quotas.',
        response: { 200: accountDeletionSchema },
      }),
    },
    async (request, reply) => {
      const token = cookies.read(request)
      const isOfAnother = await isCookieOfAnother(database.urgent.db, token, request.user.id)
      const deletion = await account.delete(actorOf(request))
      if (!isOfAnother) cookies.clear(reply)
      return deletion
    },
  )
}
