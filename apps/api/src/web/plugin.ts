import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../http/app.ts'
import { loopbackAliases } from '../http/loopback-aliases.ts'
import { framedPageHeaders, pageHeaders, type WebApp } from './web-app.ts'

/** The address of a board, whose page names more of what it takes. */
const BOARD = '/boards/:boardId'

/** The addresses that the web app answers; it decides itself what it shows there. */
const PAGES = [
  '/',
  '/workspaces/:workspaceId',
  '/workspaces/:workspaceId/trash',
  '/workspaces/:workspaceId/settings',
  '/workspaces/:workspaceId/settings/:section',
  BOARD,
  '/boards/:boardId/versions',
  '/invites/:token',
  '/links/:token',
  '/sign-in',
  '/account',
  '/operations',
]

/** Serves the web app, if it was built: its files for good, its page revalidated each time. */
export async function webPlugin(
  app: App,
  { web, publicUrl }: { web?: WebApp | undefined; publicUrl: string },
): Promise<void> {
  if (!web) return
  await app.register(fastifyStatic, {
    root: web.assetsDir,
    prefix: '/assets/',
    decorateReply: false,
    schemaHide: true,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
  })

  const elsewhere = loopbackAliases(publicUrl)
  const sendPage = async (request: FastifyRequest, reply: FastifyReply) => {
    if (elsewhere.includes(request.host)) return reply.redirect(`${publicUrl}${request.url}`)
    const isBoard = request.routeOptions.url === BOARD
    return reply.headers(pageHeaders(web)).send(isBoard ? web.boardPage : web.page)
  }
  const dropSlash = async (request: FastifyRequest, reply: FastifyReply) =>
    reply.redirect(request.url.replace(/\/(?=\?|$)/, ''))

  if (web.embedOrigins.length > 0) {
    app.get('/embed/boards/:boardId', { schema: { hide: true } }, async (_request, reply) =>
      reply.removeHeader('x-frame-options').headers(framedPageHeaders(web)).send(web.boardPage),
    )
  }
  for (const url of PAGES) {
    app.get(url, { schema: { hide: true } }, sendPage)
    if (url !== '/') app.get(`${url}/`, { schema: { hide: true } }, dropSlash)
  }
}
