import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
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

/** Serves the web app, if it was built: its files for good, its page revalidated each time. */
export async function webPlugin(app: App, { web }: { web?: WebApp | undefined }): Promise<void> {
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

  const sendPage = async (_request: unknown, reply: FastifyReply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': web.contentSecurityPolicy,
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-cache',
      })
      .send(web.page)

  for (const url of PAGES) app.get(url, { schema: { hide: true } }, sendPage)
}
