import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import { PROBLEM_MEDIA_TYPE, problemSchema } from '@mindfuse/protocol'
import type { App } from './app.ts'

/** What every route may answer besides its own responses. */
const PROBLEM_RESPONSE = {
  description: 'A problem (RFC 9457); `code` is stable',
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
}

/**
 * Describes the API from the schemas that validate it. Register it before the routes. Routes of the
 * gateways' are left out.
 */
export async function registerOpenApi(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mindfuse',
        description:
          'Identity, workspaces, boards, members and invites of a shared whiteboard. Errors are problems (RFC 9457); a browser that navigates to one receives a page.',
        version: '1.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          key: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'mf_…',
            description: 'The key of a workspace, with the scope that the operation names',
          },
        },
      },
    },
    transform: ({ schema, url }) => {
      const isInternal = url.startsWith('/internal/')
      const response = { ...(schema?.response as object), default: PROBLEM_RESPONSE }
      const { body, querystring } = (schema ?? {}) as { body?: Described; querystring?: Described }
      return {
        url,
        schema: {
          ...schema,
          ...(body && { body: withDefaultsOptional(body) }),
          ...(querystring && { querystring: withDefaultsOptional(querystring) }),
          response,
          hide: schema?.hide ?? isInternal,
          tags: [tagOf(url)],
        },
      }
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      const { openapiObject } = document
      for (const { post } of Object.values(openapiObject.paths ?? {}) as DescribedPath[]) {
        if (post) markOptionalBody(post)
      }
      return openapiObject
    },
  })
}

/** The description as `GET /openapi.json`, readable at `/docs`. */
export async function documentationRoutes(app: App): Promise<void> {
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

/** A body in which nothing is required need not be sent, which the plugin cannot express. */
function markOptionalBody({ requestBody: body }: DescribedOperation): void {
  const { schema } = body?.content?.['application/json'] ?? {}
  if (body && schema && !schema.required) body.required = false
}

interface DescribedPath {
  post?: DescribedOperation
}

/** The part of an operation that describes its body. */
interface DescribedOperation {
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Described }> }
}

/** The part of an object's schema that says which fields are required. */
interface Described {
  required?: string[]
  properties?: Record<string, { default?: unknown }>
}

/** What has a default is always there for a handler, and need not be sent by a client. */
function withDefaultsOptional(schema: Described): Described {
  const { required, ...rest } = schema
  const sent = required?.filter((name) => schema.properties?.[name]?.default === undefined)
  return sent?.length ? { ...rest, required: sent } : rest
}

/** Groups by what a path is about: what its first two places below /api name. */
function tagOf(url: string): string {
  const [, first = '', area = ''] = url.split('/')
  return first === 'api' ? area : 'operations'
}
