import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import fastifyCors from '@fastify/cors'
import type { OriginCheck } from '@mindfuse/service-kit'
import helmet, { type HelmetOptions } from 'helmet'
import type { App } from './app.ts'
import { registerNotFound } from './error-handler.ts'

/** Headers of replies that pages of another origin may read. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'etag',
  'location',
  'retry-after',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
]

/** What browsers go by in answers that are data, never a page. */
const HELMET_OPTIONS: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
  // Of pages only, or of browsers that are gone.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
}

/** Gives the routes of a scope what browsers need: security headers, CORS and cookies. */
export async function registerBrowserSupport(
  scope: App,
  { allowsOrigin }: { allowsOrigin: OriginCheck },
): Promise<void> {
  const headers = helmetHeaders(HELMET_OPTIONS)
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  await scope.register(fastifyCors, {
    // An empty list matches none; `false` would answer preflights with 404.
    origin: (origin, callback) => callback(null, origin && allowsOrigin(origin) ? true : []),
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
  })
  await scope.register(fastifyCookie)
  registerNotFound(scope)
}

/**
 * The headers that helmet sets, which are the same for every answer: worked out once. As a hook it
 * costs more than all else that a request does before its handler, because it sets them on Node's
 * response one by one.
 */
function helmetHeaders(options: HelmetOptions): Record<string, string> {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, () => undefined)
  return response.getHeaders() as Record<string, string>
}
