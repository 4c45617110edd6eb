import {
  type BoardUpdates,
  decodeStoredDocument,
  encodeUpdateBatch,
  INTERNAL_AUTH_SCHEME,
  type PermissionReply,
  permissionReplySchema,
  type StoredDocument,
  type UpdateBatchReply,
  updateBatchReplySchema,
} from '@mindfuse/protocol'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** How long the API may take for an answer, milliseconds. */
const SMALL_REQUEST_TIMEOUT_MS = 5_000
/** The same for requests that carry documents. */
const DOCUMENT_REQUEST_TIMEOUT_MS = 30_000

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
  permission(boardId: string, userId: string): Promise<PermissionReply>
  /** What is stored of a board, or undefined where the board is gone. */
  document(boardId: string): Promise<StoredDocument | undefined>
  /** Appends a batch; returns once it is committed. */
  append(batch: BoardUpdates[]): Promise<UpdateBatchReply>
}

/** @param options.url the API's internal origin */
export function createApiClient(options: { url: string; secret: string }): ApiClient {
  const authorization = `${INTERNAL_AUTH_SCHEME} ${options.secret}`

  const request = (path: string, timeoutMs: number, init: RequestInit = {}) =>
    fetch(`${options.url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization },
      signal: AbortSignal.timeout(timeoutMs),
    })

  return {
    async permission(boardId, userId) {
      const path = `/internal/boards/${boardId}/permission?userId=${userId}`
      return readJson(await request(path, SMALL_REQUEST_TIMEOUT_MS), permissionReplySchema)
    },

    async document(boardId) {
      const path = `/internal/boards/${boardId}/document`
      const response = await request(path, DOCUMENT_REQUEST_TIMEOUT_MS)
      if (response.status === 404) {
        await response.body?.cancel()
        return undefined
      }
      await requireOk(response)
      return decodeStoredDocument(new Uint8Array(await response.arrayBuffer()))
    },

    async append(batch) {
      const response = await request('/internal/updates', DOCUMENT_REQUEST_TIMEOUT_MS, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: encodeUpdateBatch(batch),
      })
      return readJson(response, updateBatchReplySchema)
    },
  }
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

async function requireOk(response: Response): Promise<void> {
  if (response.ok) return
  await response.body?.cancel()
  throw new ApiResponseError(response.status, `the API answered ${response.status}`)
}
