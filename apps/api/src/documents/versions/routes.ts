import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Authenticate, requireUser } from '../../auth/authenticate.ts'
import { boardParamsSchema } from '../../boards/schemas.ts'
import { actorOf } from '../../changes/actor.ts'
import type { App } from '../../http/app.ts'
import { pageQuerySchema } from '../../http/pagination.ts'
import type { RateLimit } from '../../http/rate-limit.ts'
import { sendDownload, UPDATE_FILE } from '../content/download.ts'
import { binaryContent } from '../content/schemas.ts'
import * as schemas from './schemas.ts'
import type { VersionService } from './service.ts'

/** Versions of a board: make, list, download, delete, restore. */
export async function versionRoutes(
  app: App,
  deps: { auth: { authenticate: Authenticate }; rateLimit: RateLimit; versions: VersionService },
): Promise<void> {
  const { auth, rateLimit, versions } = deps
  requireUser(app, auth)
  const limitWork = async (request: FastifyRequest, reply: FastifyReply) =>
    rateLimit(request, reply, 'documentWork', request.user.id)

  app.get(
    '/api/boards/:boardId/versions',
    {
      schema: {
        params: boardParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: schemas.versionPageSchema },
      },
    },
    (request) => versions.list(request.user.id, request.params.boardId, request.query),
  )

  app.post(
    '/api/boards/:boardId/versions',
    {
      preValidation: limitWork,
      schema: {
        params: boardParamsSchema,
        body: schemas.createVersionSchema,
        response: { 201: schemas.versionSchema },
      },
    },
    async (request, reply) => {
      const { boardId } = request.params
      const version = await versions.create(actorOf(request), boardId, request.body)
      const location = `/api/boards/${boardId}/versions/${version.id}`
      return reply.code(201).header('location', location).send(version)
    },
  )

  app.get(
    '/api/boards/:boardId/versions/:versionId',
    {
      preValidation: limitWork,
      schema: {
        params: schemas.versionParamsSchema,
        response: { 200: { description: 'The version', content: binaryContent } },
      },
    },
    async (request, reply) => {
      const { boardId, versionId } = request.params
      const bytes = await versions.download(request.user.id, boardId, versionId)
      return sendDownload(reply, bytes, UPDATE_FILE, versionId)
    },
  )

  app.delete(
    '/api/boards/:boardId/versions/:versionId',
    { schema: { params: schemas.versionParamsSchema, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { boardId, versionId } = request.params
      await versions.delete(actorOf(request), boardId, versionId)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/api/boards/:boardId/versions/:versionId/restore',
    {
      preValidation: limitWork,
      schema: {
        params: schemas.versionParamsSchema,
        response: { 200: schemas.restoredVersionSchema },
      },
    },
    (request) => {
      const { boardId, versionId } = request.params
      return versions.restore(actorOf(request), boardId, versionId)
    },
  )
}
