import { STATUS_CODES } from 'node:http'
import { PROBLEM_MEDIA_TYPE, type Problem } from '@mindfuse/protocol'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, type FieldError } from './errors.ts'

/** Codes for the refusals that come from Fastify itself. */
const CODES_BY_STATUS: Record<number, string> = {
  400: 'bad_request',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
}

/**
 * PostgreSQL's class 22: a value that fits its schema and no column, like text with U+0000 or a
 * date in the year 0.
 */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/

/** Every error of the API leaves through here, as RFC 9457 problem+json. */
export function registerErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const known = toApiError(error)
    if (known) return sendProblem(request, reply, known)
    // Whatever is unknown may say what nobody outside should read.
    request.log.error({ err: error }, 'request failed')
    return sendProblem(
      request,
      reply,
      new ApiError(500, 'internal_error', 'Something went wrong on our side'),
    )
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new ApiError(404, 'route_not_found', 'There is no such route')),
  )
}

function toApiError(error: FastifyError | ApiError): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error.validation) {
    const errors = error.validation.map((problem) =>
      fieldError(error.validationContext ?? 'body', problem),
    )
    return new ApiError(400, 'validation_failed', 'The request does not fit the schema', { errors })
  }
  if (DATA_EXCEPTION.test(error.code ?? '')) {
    return new ApiError(400, 'invalid_value', 'A value is outside of what can be stored')
  }
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
  const problem: Problem = {
    type: `urn:mindfuse:problem:${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId: request.id,
    ...(error.errors && { errors: error.errors }),
  }
  if (error.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(error.status)
    .type(PROBLEM_MEDIA_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}
