import fastifyCookie from '@fastify/cookie'
import fastifyCors from '@fastify/cors'
import fastifyHelmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Logger } from '@mindfuse/service-kit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { registerErrorHandler } from './error-handler.ts'
import { registerValidation } from './validation.ts'

/** Largest body of a public route, bytes. */
const MAX_BODY_BYTES = 256 * 1024

/** How long a client may take to send a request, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000

/** A Fastify instance whose handlers are typed by their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** An app without routes, with what all routes rely on: validation, errors, headers, cookies. */
export async function createHttpApp(options: {
  log: Logger
  corsOrigins: readonly string[]
}): Promise<App> {
  const log: FastifyBaseLogger = options.log.child({}, { serializers: { req: serializeRequest } })
  const app = Fastify({
    loggerInstance: log,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
  }).withTypeProvider<TypeBoxTypeProvider>()

  // Fastify would take text/plain too, which no route here wants.
  app.removeContentTypeParser('text/plain')
  registerErrorHandler(app)
  registerValidation(app)
  await app.register(fastifyHelmet)
  await app.register(fastifyCors, { origin: [...options.corsOrigins], credentials: true })
  await app.register(fastifyCookie)
  return app
}

/** Never the query: it may hold an authorization code or a token. */
function serializeRequest(request: FastifyRequest) {
  return { method: request.method, path: request.url.split('?', 1)[0], ip: request.ip }
}
