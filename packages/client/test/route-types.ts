/** A JSON schema, as far as the API's description uses them. */
interface Schema {
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
}

interface Parameter {
  in: 'path' | 'query' | 'header'
  name: string
  required?: boolean
  schema: Schema
}

interface Content {
  content?: Record<string, { schema: Schema }>
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content>
}

/** The API's description, `apps/api/openapi.json`. */
export interface Description {
  paths: Record<string, Record<string, Operation>>
}

const HEAD = `// Written by \`npm run openapi\` from apps/api/openapi.json. Do not edit.

/** What each route of the API takes and answers. */
export interface Routes {
`

/** Writes the types of all routes whose answers end, `packages/client/src/api/routes.ts`. */
export function writeRouteTypes({ paths }: Description): string {
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => !isStream(operation))
      .map(
        ([method, operation]) =>
          `  '${method.toUpperCase()} ${path}': {\n` +
          `    input: ${inputOf(operation)}\n` +
          `    reply: ${replyOf(operation)}\n  }\n`,
      ),
  )
  return `${HEAD}${routes.join('')}}\n`
}

function isStream({ responses }: Operation): boolean {
  return responses[200]?.content?.['text/event-stream'] !== undefined
}

function inputOf({ parameters = [], requestBody }: Operation): string {
  const fields: string[] = []
  for (const place of ['path', 'query'] as const) {
    const here = parameters.filter((parameter) => parameter.in === place)
    if (here.length === 0) continue
    const isOptional = here.every(({ required }) => !required)
    const properties = here.map(
      ({ name, required, schema }) => `${key(name)}${required ? '' : '?'}: ${typeOf(schema, 3)}`,
    )
    fields.push(`${place}${isOptional ? '?' : ''}: ${block(properties, 3)}`)
  }
  const body = requestBody && contentOf(requestBody, 3, 'Blob | Uint8Array')
  if (body) fields.push(`body${requestBody.required ? '' : '?'}: ${body}`)
  return fields.length === 0 ? 'Record<never, never>' : block(fields, 2)
}

function replyOf({ responses }: Operation): string {
  const replies = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, response]) => contentOf(response, 2) ?? 'undefined')
  return [...new Set(replies)].join(' | ') || 'undefined'
}

/** Several kinds of content are one type each; what is not JSON is bytes. */
function contentOf(
  { content = {} }: Content,
  depth: number,
  bytes = 'Uint8Array',
): string | undefined {
  const types = Object.entries(content).map(([mediaType, { schema }]) =>
    mediaType.endsWith('json') ? typeOf(schema, depth) : bytes,
  )
  return [...new Set(types)].join(' | ') || undefined
}

function typeOf(schema: Schema, depth: number): string {
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, depth)).join(' | ')
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type }, depth)).join(' | ')
  }
  switch (schema.type) {
    case 'array': {
      const items = typeOf(schema.items ?? {}, depth)
      return items.includes(' | ') && !items.startsWith('{') ? `(${items})[]` : `${items}[]`
    }
    case 'object':
      return objectType(schema, depth)
    case 'integer':
      return 'number'
    case undefined:
      return 'unknown'
    default:
      return schema.type
  }
}

function objectType(
  { properties = {}, required = [], additionalProperties }: Schema,
  depth: number,
): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema, depth + 1)}`,
  )
  if (fields.length > 0) return block(fields, depth)
  const values = typeof additionalProperties === 'object' ? additionalProperties : {}
  return `Record<string, ${typeOf(values, depth)}>`
}

function block(fields: string[], depth: number): string {
  const indent = '  '.repeat(depth + 1)
  return `{\n${fields.map((field) => `${indent}${field}\n`).join('')}${'  '.repeat(depth)}}`
}

const key = (name: string) => (/^\w+$/.test(name) ? name : `'${name}'`)
const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
