import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastifyUnderPressure from '@fastify/under-pressure'
import {
  DEVELOPMENT,
  type Logger,
  RELEASE_HEADER,
  REQUEST_ID_HEADER,
  type Release,
  readRequestId,
  type Tracer,
} from '@mindfuse/service-kit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { namePlainAddresses } from './addresses.ts'
import { closeConnections } from './close-connections.ts'
import { registerErrorHandler, sendClientError, sendFrameworkError } from './error-handler.ts'
import type { ErrorPage } from './error-page.ts'
import { ApiError } from './errors.ts'
import { registerSuccessStatus } from './success-status.ts'
import { registerTracing } from './tracing.ts'
import { registerUploadProgress } from './upload-progress.ts'
import { registerValidation } from './validation.ts'

/** Largest body of a public route, bytes. */
const MAX_BODY_BYTES = 256 * 1024

/** Longest parameter of a path, as it is sent: 255 characters, percent-encoded where they are ASCII. */
const MAX_PARAM_LENGTH = 3 * 255

/** How long a client may take to send the headers of a request, milliseconds. */
const HEADERS_TIMEOUT_MS = 30_000

/** The same for the whole request, while its body goes on arriving, see `registerUploadProgress`. */
const REQUEST_TIMEOUT_MS = 300_000

/** Above this the process is so far behind that new requests would only make it worse. */
const MAX_EVENT_LOOP_DELAY_MS = 1_000
const RETRY_AFTER_OVERLOAD_SECONDS = 2

/** A Fastify instance whose handlers are typed by their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** An app without routes, with what all routes rely on: validation, errors, the request log. */
export async function createHttpApp(options: {
  log: Logger
  /** How many proxies stand before the API, whose `X-Forwarded-For` is believed. */
  trustedProxies?: number
  tracer?: Tracer | undefined
  release?: Release | undefined
  /** See `ApiDeps`. */
  maxEventLoopDelayMs?: number | undefined
  /** How long kept-alive connections may bring requests while it stops, milliseconds; 0 by default. */
  drainMs?: number | undefined
  /** What browsers receive that navigate to an error; without it, what programs receive. */
  errorPage?: ErrorPage | undefined
}): Promise<App> {
  const log: FastifyBaseLogger = options.log
  const { trustedProxies = 0 } = options
  const app = Fastify({
    loggerInstance: log,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // One line a request, below, instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => readRequestId(headers[REQUEST_ID_HEADER]) ?? randomUUID(),
    // One for each request costs more than what is logged: the lines of a request name its id.
    childLoggerFactory: (logger) => logger,
    frameworkErrors: sendFrameworkError,
    clientErrorHandler: sendClientError,
    // Not a function that is always false: it would be called at every request.
    trustProxy: trustedProxies > 0 && ((_address, hop) => hop < trustedProxies),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // See `closeConnections`.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.server.headersTimeout = HEADERS_TIMEOUT_MS
  // Fastify would take text/plain too, which no route here wants.
  app.removeContentTypeParser('text/plain')
  nameInAnswers(app, options.release)
  registerTracing(app, { tracer: options.tracer, isBehindProxy: trustedProxies > 0 })
  registerErrorHandler(app, options.errorPage)
  registerValidation(app)
  registerSuccessStatus(app)
  registerRequestLog(app, options.log)
  registerUploadProgress(app)
  closeConnections(app, options.drainMs ?? 0)
  namePlainAddresses(app.server)
  await app.register(fastifyUnderPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs ?? MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: (_request, reply) => {
      reply.header('retry-after', RETRY_AFTER_OVERLOAD_SECONDS)
      throw new ApiError(503, 'overloaded', 'Server overloaded; try again later')
    },
  })
  return app
}

/** Says in each answer which request it is to, and which release it is of. */
function nameInAnswers(app: FastifyInstance, release: Release | undefined): void {
  const { version } = release ?? DEVELOPMENT
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id).header(RELEASE_HEADER, version)
    done()
  })
}

/**
 * Names the route and the ids in its path, never the URL: a query may hold an authorization code,
 * and the path of an invite its token.
 */
function registerRequestLog(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (!log.isLevelEnabled('info')) return done()
    const route = request.routeOptions.url
    const { token: _, ...ids } = (route ? request.params : {}) as Record<string, string>
    log.info(
      {
        requestId: request.id,
        traceId: request.trace?.traceId,
        method: request.method,
        route: route ?? null,
        ...ids,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
        userId: request.user?.id,
        ip: request.ip,
      },
      'request',
    )
    done()
  })
}
