import {
  type AccessChanges,
  type AccessChangesRequest,
  type AssetLimits,
  type Authorization,
  type AuthorizationsReply,
  type AuthorizationsRequest,
  accessChangesReplySchema,
  authorizationsReplySchema,
  BOARD_NAME_HEADER,
  type BoardUpdates,
  decodeStoredDocument,
  encodeUpdateBatch,
  INCARNATION_HEADER,
  INTERNAL_AUTH_SCHEME,
  type MergeOutcome,
  mergeReplySchema,
  type PositionsReply,
  positionsReplySchema,
  type QuarantineReply,
  type QuarantineRequest,
  quarantineReplySchema,
  REPLACED_SEQ_HEADER,
  type SessionAuthorization,
  type SessionAuthorizationsRequest,
  STORAGE_FULL_HEADER,
  type StoredDocument,
  sessionAuthorizationsReplySchema,
  type UpdateBatchReply,
  updateBatchReplySchema,
} from '@mindfuse/internal'
import { BOARD_ROLES } from '@mindfuse/protocol'
import {
  type ClockSkew,
  formatTraceparent,
  SPAN_KINDS,
  type TraceContext,
  type Tracer,
} from '@mindfuse/service-kit'
import { Compile } from 'typebox/compile'
import { createHttpClient, type HttpRequest } from './http-client.ts'
import type { HttpAnswer } from './http-connection.ts'

/** How long the API may take until bytes move, in either direction, milliseconds. */
const SMALL_REQUEST_TIMEOUT_MS = 5_000
/** The same for changes of access: another attempt may find an API that answers. */
const ACCESS_CHANGES_TIMEOUT_MS = 2_000
/** The same for reading a document: the API allows each of its statements 10 seconds. */
const DOCUMENT_TIMEOUT_MS = 15_000
/** The same for merging a board: a job in the API may take 30 seconds, and waits for its turn before. */
const MERGE_TIMEOUT_MS = 60_000
/**
 * The same for a batch of updates: after that it is sent again, which changes nothing. The last bytes that
 * were sent may be in buffers on the way, and a slow line takes its time for them.
 */
const APPEND_TIMEOUT_MS = 10_000
const MIN_APPEND_BYTES_PER_MS = 512

// Compiled: validating a response about a hundred boards takes 1 µs, instead of 0.4 ms and more.
const accessChangesReply = Compile(accessChangesReplySchema)
const authorizationsReply = Compile(authorizationsReplySchema)
const mergeReply = Compile(mergeReplySchema)
const sessionAuthorizationsReply = Compile(sessionAuthorizationsReplySchema)
const positionsReply = Compile(positionsReplySchema)
const quarantineReply = Compile(quarantineReplySchema)
const updateBatchReply = Compile(updateBatchReplySchema)

/** The API responded with an error, or with an unexpected body. */
export class ApiResponseError extends Error {
  override name = 'ApiResponseError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A document as the API returns it. */
export interface ReadDocument extends StoredDocument {
  /** Up to an earlier number, what was read before does not count any more; 0 if all of it does. */
  replacedSeq: number
  /** The database that it was read from, see `positionsReplySchema`. */
  incarnation: string | undefined
  /** What the board is called; undefined where an API of an earlier release answers. */
  boardName: string | undefined
}

/** The API's internal routes that the gateway calls. Every method may reject. */
export interface ApiClient {
  /** What is stored of a board after `after`, or undefined where the board is gone. */
  document(boardId: string, after: number): Promise<ReadDocument | undefined>
  /** The current access of connections, in their order; at most `MAX_AUTHORIZATIONS`. */
  authorizations(
    connections: readonly AuthorizationsRequest['connections'][number][],
    parent?: TraceContext,
  ): Promise<Authorization[]>
  /** What changed who may do what since an event. */
  accessChanges(request: AccessChangesRequest): Promise<AccessChanges>
  /** Whose session cookies are, and what they may do, in their order; at most as many. */
  sessionAuthorizations(
    connections: readonly SessionAuthorizationsRequest['connections'][number][],
    parent?: TraceContext,
  ): Promise<SessionAuthorization[]>
  /** The last stored sequence numbers of boards; at most `MAX_POSITIONS`. */
  positions(boardIds: string[]): Promise<PositionsReply>
  /** Reports the unreadable parts of a board. */
  quarantine(boardId: string, unreadable: QuarantineRequest): Promise<QuarantineReply>
  /** Merges what is stored of a board, as a job of this person; returns once it has ended. */
  merge(boardId: string, userId: string): Promise<MergeOutcome>
  /** Appends a batch; returns once it is committed. */
  append(batch: BoardUpdates[]): Promise<UpdateBatchReply>
}

/**
 * @param options.url the API's internal origin
 * @param options.onStorage called with whether the storage of a board's workspace is used up
 * @param options.onAssetLimits called with how large files may be, as often as changes of access are asked for
 * @param options.clock is compared with the API's as often as changes of access are asked for
 * @param options.onAuthorization called with each answer about a connection, and the database that it is of
 * @param options.tracer records a span for each call; the API continues the same trace
 */
export function createApiClient(options: {
  url: string
  secret: string
  clock?: ClockSkew
  onStorage?: (boardId: string, isFull: boolean) => void
  onAssetLimits?: (limits: AssetLimits | undefined) => void
  onAuthorization?: (
    connection: AuthorizationsRequest['connections'][number],
    authorization: AuthorizationsReply['results'][number],
    incarnation: string | undefined,
  ) => void
  tracer?: Tracer | undefined
}): ApiClient {
  const { tracer, clock, onStorage, onAssetLimits, onAuthorization } = options
  const send = createHttpClient({
    url: options.url,
    authorization: `${INTERNAL_AUTH_SCHEME} ${options.secret}`,
  })

  const request = async (sent: HttpRequest, parent?: TraceContext): Promise<HttpAnswer> => {
    if (!tracer) return send(sent)
    const span = tracer.start(nameOf(sent), { kind: SPAN_KINDS.CLIENT, parent })
    try {
      const answer = await send({ ...sent, traceparent: formatTraceparent(span.context) })
      span.end({
        attributes: { 'http.response.status_code': answer.status },
        ...(!isOk(answer) && { error: `${answer.status}` }),
      })
      return answer
    } catch (error) {
      span.end({ error: (error as Error).name })
      throw error
    }
  }

  const post = (
    path: string,
    body: unknown,
    {
      parent,
      timeoutMs = SMALL_REQUEST_TIMEOUT_MS,
    }: { parent?: TraceContext | undefined; timeoutMs?: number } = {},
  ) =>
    request(
      {
        path,
        timeoutMs,
        body: { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) },
      },
      parent,
    )

  return {
    async document(boardId, after) {
      const path = `/internal/boards/${boardId}/document?after=${after}`
      const answer = await request({ path, timeoutMs: DOCUMENT_TIMEOUT_MS })
      // Only the API itself knows that a board is gone; a proxy's 404 is a failure like any other.
      if (answer.status === 404 && codeOf(answer) === 'board_not_found') return undefined
      requireOk(answer)
      onStorage?.(boardId, answer.headers.get(STORAGE_FULL_HEADER) === '1')
      const replacedSeq = Number(answer.headers.get(REPLACED_SEQ_HEADER) ?? 0)
      const incarnation = answer.headers.get(INCARNATION_HEADER)
      const name = answer.headers.get(BOARD_NAME_HEADER)
      const boardName = name === undefined ? undefined : decodeURIComponent(name)
      const stored = decodeStoredDocument(new Uint8Array(answer.body))
      return { ...stored, replacedSeq, incarnation, boardName }
    },

    async authorizations(connections, parent) {
      const asked = connections.map(({ boardId, userId, sessionId }) => ({
        boardId,
        userId,
        sessionId,
      }))
      const body: AuthorizationsRequest = { connections: asked, knownRoles: [...BOARD_ROLES] }
      const answer = await post('/internal/authorizations', body, { parent })
      const { results, incarnation } = readJson(answer, authorizationsReply)
      for (const [i, authorization] of results.entries()) {
        const connection = asked[i]
        if (connection) onAuthorization?.(connection, authorization, incarnation)
      }
      return results
    },

    async accessChanges(asked) {
      const timeoutMs = ACCESS_CHANGES_TIMEOUT_MS
      const askedAt = performance.now()
      const answer = await post('/internal/access-changes', asked, { timeoutMs })
      clock?.note(timeOf(answer), askedAt)
      const { assets, ...changes } = readJson(answer, accessChangesReply)
      onAssetLimits?.(assets)
      return changes
    },

    async sessionAuthorizations(connections, parent) {
      const body: SessionAuthorizationsRequest = {
        connections: connections.map(({ boardId, cookies, key }) => ({
          ...{ boardId, cookies },
          ...(key !== undefined && { key }),
        })),
        knownRoles: [...BOARD_ROLES],
      }
      const answer = await post('/internal/session-authorizations', body, { parent })
      return readJson(answer, sessionAuthorizationsReply).results
    },

    async positions(boardIds) {
      const answer = await post('/internal/positions', { boardIds })
      const reply = readJson(answer, positionsReply)
      for (const { boardId, storageFull = false } of reply.positions) {
        onStorage?.(boardId, storageFull)
      }
      return reply
    },

    async quarantine(boardId, unreadable) {
      const answer = await post(`/internal/boards/${boardId}/quarantine`, unreadable)
      return readJson(answer, quarantineReply)
    },

    async merge(boardId, userId) {
      const path = `/internal/boards/${boardId}/merge`
      const answer = await post(path, { userId }, { timeoutMs: MERGE_TIMEOUT_MS })
      return readJson(answer, mergeReply).outcome
    },

    async append(batch) {
      const bytes = encodeUpdateBatch(batch)
      const answer = await request({
        path: '/internal/updates',
        timeoutMs: APPEND_TIMEOUT_MS + bytes.length / MIN_APPEND_BYTES_PER_MS,
        body: { type: 'application/octet-stream', bytes },
      })
      const reply = readJson(answer, updateBatchReply)
      for (const result of reply.results) {
        if (result.status === 'stored') onStorage?.(result.boardId, result.storageFull ?? false)
      }
      return reply
    },
  }
}

/** The name of a call, without the ids in it: spans of one kind share a name. */
function nameOf({ path, body }: HttpRequest): string {
  return `${body ? 'POST' : 'GET'} ${path.replace(/\?.*/, '').replace(/\/boards\/[^/]+/, '/boards/:boardId')}`
}

function readJson<Reply>(
  answer: HttpAnswer,
  reply: { Check(value: unknown): value is Reply },
): Reply {
  requireOk(answer)
  const body: unknown = JSON.parse(answer.body.toString())
  if (!reply.Check(body)) throw new ApiResponseError(answer.status, 'unexpected answer')
  return body
}

/** When the API answered, milliseconds since 1970, within half a second: the header has whole ones, cut off. */
function timeOf({ headers }: HttpAnswer): number {
  return Date.parse(headers.get('date') ?? '') + 500
}

/** The code of a problem, if the response is one. */
function codeOf({ body }: HttpAnswer): string | undefined {
  try {
    return (JSON.parse(body.toString()) as { code?: string }).code
  } catch {
    // Perhaps a proxy's page.
    return undefined
  }
}

function isOk({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299
}

function requireOk(answer: HttpAnswer): void {
  if (isOk(answer)) return
  throw new ApiResponseError(answer.status, `the API answered ${answer.status}`)
}
