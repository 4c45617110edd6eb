import type { Problem } from '@mindfuse/protocol'

/** The code where the session cookie, or `getToken`, gives a token of another user than before. */
export const SIGNED_IN_AS_ANOTHER = 'signed_in_as_another'

/** See {@link MindfuseError.details}. */
type ProblemDetails = Readonly<NonNullable<Problem['details']>>

/** An invalid field of a request. */
export interface FieldError {
  /** JSON pointer into the body, or the name of the parameter. */
  pointer: string
  message: string
}

/**
 * Every error of the SDK. `code` is stable: those of the API, and
 *
 * - `network_error`: no answer arrived; `status` is 0
 * - `timeout`: the answer took too long; `status` is 0
 * - `not_an_answer`: something other than the API answered
 * - `signed_in_as_another`: the access token is of another user than the client's; `status` is 0
 * - `read_only`: the board cannot be edited; `status` is 0
 * - `closed`: the board or the client is closed; `status` is 0
 * - `storage_failed`: edits or files are not kept on this machine; `status` is 0
 * - `buffer_full`: too many broadcasts waited for a channel, and the oldest was dropped; `status` is 0
 * - `queue_full`: too many files wait for their upload; `status` is 0
 * - `discarded`: a file was given up with the edits; `status` is 0
 * - `insecure_context`: a page that came over plain HTTP cannot name files; `status` is 0
 * - `asset_not_found`: the board did not get a file in time; `status` is 0
 * - `digest_mismatch`: another file was received than was asked for; `status` is 0
 * - `document_failed`: Yjs failed on a board's document; `status` is 0
 * - `edit_failed`: Yjs fails on an unsaved edit, which was dropped; `status` is 0
 *
 * @example
 * ```ts
 * try {
 *   await client.api.boards.get('00000000-0000-4000-8000-000000000000')
 * } catch (error) {
 *   if (!(error instanceof MindfuseError) || error.code !== 'board_not_found') throw error
 *   show(`No such board (request ${error.requestId})`)
 * }
 * ```
 */
export class MindfuseError extends Error {
  override name = 'MindfuseError'
  readonly code: string
  /** HTTP status, or 0 without an answer. */
  readonly status: number
  /** Identifies the request in the server's log. */
  readonly requestId: string | undefined
  /** The invalid fields, for `validation_failed`. */
  readonly fields: readonly FieldError[]
  /**
   * More about the problem; for `quota_exceeded` the `quota`, its `scope`, `limit` and `used`, for `board_trashed` the
   * `name` of the board, `trashedAt` and `canRestore`.
   */
  readonly details: ProblemDetails
  /** How long the server asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: string,
    message: string,
    details: {
      status?: number
      requestId?: string | undefined
      fields?: readonly FieldError[] | undefined
      details?: ProblemDetails | undefined
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status ?? 0
    this.requestId = details.requestId
    this.fields = details.fields ?? []
    this.details = details.details ?? {}
    this.retryAfterMs = details.retryAfterMs
  }
}

/** The error in an answer other than 2xx (RFC 9457). */
export async function errorOf(response: Response): Promise<MindfuseError> {
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
  return new MindfuseError(
    problem?.code ?? 'not_an_answer',
    problem?.detail ?? problem?.title ?? `The server answered ${status}`,
    {
      status,
      requestId: problem?.requestId ?? headers.get('x-request-id') ?? undefined,
      fields: problem?.errors,
      details: problem?.details,
      retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1_000 : undefined,
    },
  )
}

function parseProblem(text: string): Problem | undefined {
  try {
    const problem: unknown = JSON.parse(text)
    const hasCode = typeof problem === 'object' && problem !== null && 'code' in problem
    return hasCode ? (problem as Problem) : undefined
  } catch {
    // A proxy in between answered with a page of its own.
    return undefined
  }
}
