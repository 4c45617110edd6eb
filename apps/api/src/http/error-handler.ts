import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { PROBLEM_MEDIA_TYPE, type Problem } from '@mindfuse/protocol'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isAway, isRefused } from '../db/away.ts'
import type { ErrorPage } from './error-page.ts'
import { ApiError, type FieldError, overloaded, routeNotFound } from './errors.ts'

/** Codes for the refusals that come from Fastify itself. */
const CODES_BY_STATUS: Record<number, string> = {
  400: 'bad_request',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
}

/** What Node refuses before there is a request, by the code of its error. */
const CLIENT_ERRORS: Record<string, ApiError> = {
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(408, 'request_timeout', 'The request took too long'),
  HPE_HEADER_OVERFLOW: new ApiError(431, 'headers_too_large', 'The URL or headers are too long'),
}
const MALFORMED_REQUEST = new ApiError(400, 'bad_request', 'Malformed HTTP request')

/**
 * PostgreSQL's class 22: a value that fits its schema and no column, like text with U+0000 or a
 * date in the year 0.
 */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/

/** PostgreSQL's foreign_key_violation: what a change is about was deleted under its hands. */
const FOREIGN_KEY_VIOLATION = '23503'

/**
 * What PostgreSQL has undone because it took too long or lost against others: a statement or a wait for a
 * lock that timed out, a deadlock. It was fine, and may be tried again.
 */
const BUSY = /^(57014|55P03|40P01|40001|53[0-9A-Z]{3})$/

/** What changes nothing may be tried again even where its answer was lost. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

declare module 'fastify' {
  interface FastifyInstance {
    /** What a browser receives that navigates to an error. */
    errorPage: ErrorPage | undefined
  }
}

/** Every error of the API leaves through here, as RFC 9457 problem+json or as a page. */
export function registerErrorHandler(app: FastifyInstance, errorPage: ErrorPage | undefined): void {
  app.decorate('errorPage', errorPage)
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const known = toApiError(error, request.method)
    if (known) return sendProblem(request, reply, known)
    // An unknown error may contain what must not leave the API.
    request.log.error(
      { requestId: request.id, traceId: request.trace?.traceId, err: error },
      'request failed',
    )
    return sendProblem(request, reply, new ApiError(500, 'internal_error', 'Internal error'))
  })
}

/** Answers where there is no route. Set it in the scope whose headers such an answer should have. */
export function registerNotFound(scope: FastifyInstance): void {
  scope.setNotFoundHandler((request, reply) => sendProblem(request, reply, routeNotFound()))
}

/** As Fastify's `frameworkErrors`: paths that cannot be decoded or are too long for any route. */
export function sendFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { statusCode = 400 } = error
  const code = CODES_BY_STATUS[statusCode] ?? 'bad_request'
  // Its own message repeats the path, which may hold the token of an invite.
  const detail = 'The path cannot be decoded, or a part of it is too long'
  sendProblem(request, reply, new ApiError(statusCode, code, detail))
}

/** As Fastify's `clientErrorHandler`: what came is no HTTP request, so there is none to reply to. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const problem = toProblem(CLIENT_ERRORS[error.code ?? ''] ?? MALFORMED_REQUEST, randomUUID())
    const body = JSON.stringify(problem)
    socket.write(
      `HTTP/1.1 ${problem.status} ${problem.title}\r\nConnection: close\r\n` +
        `Content-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
  socket.destroy(error)
}

function toApiError(error: FastifyError | ApiError, method: string): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error.validation) {
    const errors = error.validation.map((problem) =>
      fieldError(error.validationContext ?? 'body', problem),
    )
    return new ApiError(400, 'validation_failed', 'The request does not fit the schema', { errors })
  }
  if (DATA_EXCEPTION.test(error.code ?? '')) {
    return new ApiError(400, 'invalid_value', 'A value is out of range')
  }
  if (error.code === FOREIGN_KEY_VIOLATION) {
    return new ApiError(409, 'deleted_meanwhile', 'It was deleted in the meantime')
  }
  if (BUSY.test(error.code ?? '') || isRefused(error)) return overloaded(error)
  if (SAFE_METHODS.includes(method) && isAway(error)) return overloaded(error)
  const status = error.statusCode ?? 500
  if (status < 400 || status >= 500) return undefined
  return new ApiError(status, CODES_BY_STATUS[status] ?? 'bad_request', error.message)
}

type ValidationProblem = NonNullable<FastifyError['validation']>[number]

function fieldError(context: string, problem: ValidationProblem): FieldError {
  const { params } = problem as { params: Record<string, unknown> }
  const property = params.missingProperty ?? params.additionalProperty
  const path = property === undefined ? problem.instancePath : `${problem.instancePath}/${property}`
  const place = context === 'querystring' ? 'query' : context
  return {
    pointer: place === 'body' ? path : `/${place}${path}`,
    message: problem.message ?? 'is not valid',
  }
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: ApiError): FastifyReply {
  const problem = toProblem(error, request.id)
  if (error.status === 401) reply.header('www-authenticate', 'Bearer')
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds)
  const { errorPage } = request.server
  // Whatever the route said of the answer that failed.
  reply.code(error.status).header('cache-control', 'no-store')
  if (errorPage && isNavigation(request)) return errorPage(reply, problem)
  return reply
    .type(PROBLEM_MEDIA_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}

/**
 * Whether a person opens the URL in a browser: it asks for a page and, where it sends Fetch Metadata,
 * for no script.
 */
function isNavigation({ method, headers }: FastifyRequest): boolean {
  const mode = headers['sec-fetch-mode']
  if (method !== 'GET' || (mode !== undefined && mode !== 'navigate')) return false
  return headers.accept?.includes('text/html') ?? false
}

function toProblem(error: ApiError, requestId: string): Problem {
  return {
    type: `urn:mindfuse:problem:${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.errors && { errors: error.errors }),
    ...(error.details && { details: error.details }),
  }
}
