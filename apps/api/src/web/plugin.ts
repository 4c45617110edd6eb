import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../http/app.ts'
import type { WebApp } from './web-app.ts'

/** The addresses that the web app answers; it decides itself what it shows there. */
const PAGES = [
  '/',
  '/workspaces/:workspaceId',
  '/workspaces/:workspaceId/trash',
  '/boards/:boardId',
  '/invites/:token',
]

/**
 * The addresses of this machine at which the cookies of `localhost` do not count, so that signing in
 * would fail: those with the port of `publicUrl`, where that is `localhost`.
 */
function loopbackHosts(publicUrl: string): readonly string[] {
  const { hostname, host } = new URL(publicUrl)
  if (hostname !== 'localhost') return []
  return ['127.0.0.1', '[::1]'].map((address) => host.replace(hostname, address))
}

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

  const elsewhere = loopbackHosts(publicUrl)
  const sendPage = async (request: FastifyRequest, reply: FastifyReply) => {
    if (elsewhere.includes(request.host)) return reply.redirect(`${publicUrl}${request.url}`)
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': web.contentSecurityPolicy,
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-cache',
      })
      .send(web.page)
  }

  for (const url of PAGES) app.get(url, { schema: { hide: true } }, sendPage)
}
