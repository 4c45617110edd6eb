import {
  type Authorization,
  type AuthorizationsRequest,
  authorizationsReplySchema,
  type BoardUpdates,
  decodeStoredDocument,
  encodeUpdateBatch,
  INTERNAL_AUTH_SCHEME,
  type PermissionReply,
  type PositionsReply,
  permissionReplySchema,
  positionsReplySchema,
  type QuarantineReply,
  type QuarantineRequest,
  quarantineReplySchema,
  type StoredDocument,
  type UpdateBatchReply,
  updateBatchReplySchema,
} from '@mindfuse/protocol'
import {
  formatTraceparent,
  SPAN_KINDS,
  type TraceContext,
  type Tracer,
} from '@mindfuse/service-kit'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** How long the API may take for an answer, milliseconds. */
const SMALL_REQUEST_TIMEOUT_MS = 5_000
/** The same for reading a document: the API gives each of its statements 10 seconds. */
const DOCUMENT_TIMEOUT_MS = 15_000
/** The same for a batch of updates: after that it is sent again, which does no harm. */
const APPEND_TIMEOUT_MS = 10_000

/** The API answered with an error, or with something that is no answer. */
export class ApiResponseError extends Error {
  override name = 'ApiResponseError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The API's internal routes, as the gateway calls them. Every method may reject. */
export interface ApiClient {
  permission(boardId: string, userId: string, parent?: TraceContext): Promise<PermissionReply>
  /** What is stored of a board after `after`, or undefined where the board is gone. */
  document(boardId: string, after: number): Promise<StoredDocument | undefined>
  /** What connections may do now, in their order; at most `MAX_AUTHORIZATIONS`. */
  authorizations(
    connections: AuthorizationsRequest['connections'],
    parent?: TraceContext,
  ): Promise<Authorization[]>
  /** How far boards have come; at most `MAX_POSITIONS`. */
  positions(boardIds: string[]): Promise<PositionsReply['positions']>
  /** Reports what of a board cannot be read. */
  quarantine(boardId: string, unreadable: QuarantineRequest): Promise<QuarantineReply>
  /** Appends a batch; returns once it is committed. */
  append(batch: BoardUpdates[]): Promise<UpdateBatchReply>
}

/**
 * @param options.url the API's internal origin
 * @param options.tracer makes a span of each call; the API's part of it follows in the same trace
 */
export function createApiClient(options: {
  url: string
  secret: string
  tracer?: Tracer | undefined
}): ApiClient {
  const { tracer } = options
  const authorization = `${INTERNAL_AUTH_SCHEME} ${options.secret}`

  const send = (path: string, timeoutMs: number, init: RequestInit) =>
    fetch(`${options.url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization },
      signal: AbortSignal.timeout(timeoutMs),
    })

  const request = async (
    path: string,
    timeoutMs: number,
    init: RequestInit = {},
    parent?: TraceContext,
  ): Promise<Response> => {
    if (!tracer) return send(path, timeoutMs, init)
    const span = tracer.start(nameOf(path, init), { kind: SPAN_KINDS.CLIENT, parent })
    const headers = { ...init.headers, traceparent: formatTraceparent(span.context) }
    try {
      const response = await send(path, timeoutMs, { ...init, headers })
      span.end({
        attributes: { 'http.response.status_code': response.status },
        ...(!response.ok && { error: `${response.status}` }),
      })
      return response
    } catch (error) {
      span.end({ error: (error as Error).name })
      throw error
    }
  }

  const post = (path: string, body: unknown, parent?: TraceContext) =>
    request(
      path,
      SMALL_REQUEST_TIMEOUT_MS,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      parent,
    )

  return {
    async permission(boardId, userId, parent) {
      const path = `/internal/boards/${boardId}/permission?userId=${userId}`
      const response = await request(path, SMALL_REQUEST_TIMEOUT_MS, {}, parent)
      return readJson(response, permissionReplySchema)
    },

    async document(boardId, after) {
      const path = `/internal/boards/${boardId}/document?after=${after}`
      const response = await request(path, DOCUMENT_TIMEOUT_MS)
      // Only the API itself can say that a board is gone; a proxy's 404 is a failure like others.
      if (response.status === 404 && (await codeOf(response)) === 'board_not_found') {
        return undefined
      }
      await requireOk(response)
      return decodeStoredDocument(new Uint8Array(await response.arrayBuffer()))
    },

    async authorizations(connections, parent) {
      const body = connections.map(({ boardId, userId, sessionId }) => ({
        boardId,
        userId,
        sessionId,
      }))
      const response = await post('/internal/authorizations', { connections: body }, parent)
      return (await readJson(response, authorizationsReplySchema)).results
    },

    async positions(boardIds) {
      const response = await post('/internal/positions', { boardIds })
      return (await readJson(response, positionsReplySchema)).positions
    },

    async quarantine(boardId, unreadable) {
      const response = await post(`/internal/boards/${boardId}/quarantine`, unreadable)
      return readJson(response, quarantineReplySchema)
    },

    async append(batch) {
      const response = await request('/internal/updates', APPEND_TIMEOUT_MS, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: encodeUpdateBatch(batch),
      })
      return readJson(response, updateBatchReplySchema)
    },
  }
}

/** The name of a call without the ids in it: a name is for what happens often. */
function nameOf(path: string, { method = 'GET' }: RequestInit): string {
  return `${method} ${path.replace(/\?.*/, '').replace(/\/boards\/[^/]+/, '/boards/:boardId')}`
}

async function readJson<Schema extends TSchema>(
  response: Response,
  schema: Schema,
): Promise<Static<Schema>> {
  await requireOk(response)
  const body: unknown = await response.json()
  if (!Value.Check(schema, body)) throw new ApiResponseError(response.status, 'unexpected answer')
  return body
}

/** The code of a problem, where the answer is one. */
async function codeOf(response: Response): Promise<string | undefined> {
  const body: unknown = await response.json().catch(() => undefined)
  return (body as { code?: string } | undefined)?.code
}

async function requireOk(response: Response): Promise<void> {
  if (response.ok) return
  if (!response.bodyUsed) await response.body?.cancel()
  throw new ApiResponseError(response.status, `the API answered ${response.status}`)
}
