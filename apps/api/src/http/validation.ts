import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'

/**
 * Ids in the one form that the API gives them out. ajv's own format also takes `urn:uuid:` and
 * upper case, under which one thing would have two names.
 */
const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

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
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? literal : fromText).compile(schema as object),
  )
}
