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
  app.addHook('preValidation', refuseUnwantedBody)
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? literal : fromText).compile(schema as object),
  )
}

/** Refuses with 400 a body with anything in it, on a route that takes none. */
function refuseUnwantedBody(
  { body, routeOptions }: FastifyRequest,
  _reply: unknown,
  done: (error?: Error) => void,
): void {
  // Some clients send `{}` or null with every POST.
  if (body === undefined || body === null) return done()
  if (!routeOptions.url?.startsWith('/api/') || routeOptions.schema?.body) return done()
  const isObject = typeof body === 'object' && !Array.isArray(body)
  const [name] = isObject ? Object.keys(body) : []
  if (isObject && name === undefined) return done()
  const pointer = name === undefined ? '' : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  done(
    new ApiError(400, 'validation_failed', 'This route takes no body', {
      errors: [{ pointer, message: 'is not expected' }],
    }),
  )
}
