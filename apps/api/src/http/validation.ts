import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/**
 * Ids in the one form that the API gives them out. ajv's own format also takes `urn:uuid:` and
 * upper case, under which one thing would have two names.
 */
const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The query of a route that takes none. */
const NO_QUERY = { type: 'object', properties: {}, additionalProperties: false }

/**
 * Bodies are taken literally: unknown fields and wrong types are refused, nothing is converted or
 * dropped. Query, path and header values arrive as text, so there numbers and booleans are read
 * from it.
 */
export function registerValidation(app: FastifyInstance): void {
  const options = { removeAdditional: false, useDefaults: true, allErrors: true }
  const literal = new Ajv({ ...options, coerceTypes: false })
  const fromText = new Ajv({ ...options, coerceTypes: true })
  for (const ajv of [literal, fromText]) {
    addFormats.default(ajv)
    ajv.addFormat('uuid', CANONICAL_UUID)
  }
  // A misspelt parameter would go unnoticed where none is expected.
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) return
    route.schema = { querystring: NO_QUERY, ...route.schema }
  })
  app.addHook('preValidation', (request, _reply, done) => {
    // A POST whose fields are all optional needs no body, and no body lacks the required ones.
    const { method, body, routeOptions } = request
    if (method === 'POST' && body === undefined && routeOptions.schema?.body) request.body = {}
    done(unwantedBody(request))
  })
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? literal : fromText).compile(schema as object),
  )
}

/** The refusal (400) of a body with anything in it, on a route that takes none. */
function unwantedBody({ body, routeOptions }: FastifyRequest): ApiError | undefined {
  // Some clients send `{}` or null with every POST.
  if (body === undefined || body === null) return undefined
  if (!routeOptions.url?.startsWith('/api/') || routeOptions.schema?.body) return undefined
  const isObject = typeof body === 'object' && !Array.isArray(body)
  const [name] = isObject ? Object.keys(body) : []
  if (isObject && name === undefined) return undefined
  const pointer = name === undefined ? '' : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return new ApiError(400, 'validation_failed', 'This route takes no body', {
    errors: [{ pointer, message: 'is not expected' }],
  })
}
