import { readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../apps/api/openapi.json', import.meta.url)
const BINARY = 'application/octet-stream'
/** Media types of answers that no schema describes; of files on boards, the one that tests have. */
export const FILES = [BINARY, 'application/x-ndjson', 'image/png']
const EVENT_STREAM = 'text/event-stream'
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** As much of a JSON schema as the API's own use. */
export interface Schema {
  type?: string
  format?: string
  enum?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  uniqueItems?: boolean
  additionalProperties?: boolean
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
}

/** A route, as `apps/api/openapi.json` describes it. */
export interface Operation {
  /** As in `PATCH /api/boards/{boardId}`. */
  name: string
  method: string
  path: string
  /** What it says about itself, codes of refusals among it. */
  description: string
  /** Whether it wants an access token. */
  isSecured: boolean
  /** The scope that a key needs, or that any key may; undefined where none may. */
  keyScope: string | undefined
  pathParams: Record<string, Schema>
  queryParams: Record<string, Schema>
  body: Schema | undefined
  /** What its body is, one of {@link FILES}, where that is bytes. */
  bytesType: string | undefined
  bodyIsRequired: boolean
  /** By status (`200`, `2XX`); null where the answer has no body. */
  responses: Record<string, Schema | null>
  /** Media types of {@link FILES} that it answers with, by status. */
  fileTypes: Record<string, string[]>
}

/** Every route of the API's description whose answers end: not those of event streams. */
export function readOperations(): Operation[] {
  const { paths } = JSON.parse(readFileSync(DOCUMENT, 'utf8'))
  return Object.entries<any>(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] && !isStream(item[method])).map((method) => {
      const { description = '', security, parameters = [], requestBody, responses } = item[method]
      const paramsIn = (place: string): Record<string, Schema> =>
        Object.fromEntries(
          parameters
            .filter((parameter: any) => parameter.in === place)
            .map((parameter: any) => [parameter.name, parameter.schema]),
        )
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        description,
        keyScope: keyScopeOf(security),
        isSecured: security?.some((way: object) => 'accessToken' in way) ?? false,
        pathParams: paramsIn('path'),
        queryParams: paramsIn('query'),
        body: requestBody?.content['application/json']?.schema,
        bytesType: FILES.find((type) => requestBody?.content[type] !== undefined),
        bodyIsRequired: requestBody?.required ?? false,
        responses: Object.fromEntries(
          Object.entries<any>(responses)
            .filter(([status]) => status !== 'default')
            .map(([status, response]) => [
              status,
              response.content?.['application/json']?.schema ?? null,
            ]),
        ),
        fileTypes: Object.fromEntries(
          Object.entries<any>(responses).map(([status, { content = {} }]) => [
            status,
            FILES.filter((type) => type in content),
          ]),
        ),
      }
    }),
  )
}

function keyScopeOf(security: { key?: string[] }[] = []): string | undefined {
  const way = security.find(({ key }) => key)
  return way && (way.key?.[0] ?? 'any')
}

function isStream({ responses }: any): boolean {
  return responses[200]?.content?.[EVENT_STREAM] !== undefined
}

/** What an answer with this status holds: undefined where the description knows no such answer. */
export function responseSchema(operation: Operation, status: number): Schema | null | undefined {
  const range = `${Math.floor(status / 100)}XX`
  return operation.responses[status in operation.responses ? status : range]
}

/** The path with its parameters filled in, each encoded. */
export function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''))
}
