import type { Problem } from '@mindfuse/protocol'

/** A field of a request that was not accepted. */
export interface FieldError {
  /** JSON pointer into the body, or the name of the parameter. */
  pointer: string
  message: string
}

/**
 * Everything that the SDK fails with. `code` is stable, for programs: the API's own codes, and
 *
 * - `network_error`: no answer came; `status` is 0
 * - `timeout`: it took too long; `status` is 0
 * - `not_an_answer`: something else than the API answered
 * - `read_only`: a viewer tried to edit; `status` is 0
 * - `closed`: the board or the client was closed; `status` is 0
 */
export class MindfuseError extends Error {
  override name = 'MindfuseError'
  readonly code: string
  /** HTTP status, or 0 where there was none. */
  readonly status: number
  /** Names the request in the server's log. */
  readonly requestId: string | undefined
  /** What was wrong with which field, for `validation_failed`. */
  readonly fields: readonly FieldError[]
  /** For how long the server asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: string,
    message: string,
    details: {
      status?: number
      requestId?: string | undefined
      fields?: readonly FieldError[] | undefined
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status ?? 0
    this.requestId = details.requestId
    this.fields = details.fields ?? []
    this.retryAfterMs = details.retryAfterMs
  }
}

/** The error that an answer other than 2xx stands for (RFC 9457). */
export async function errorOf(response: Response): Promise<MindfuseError> {
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
  return new MindfuseError(
    problem?.code ?? 'not_an_answer',
    problem?.detail ?? problem?.title ?? `the server answered ${status}`,
    {
      status,
      requestId: problem?.requestId ?? headers.get('x-request-id') ?? undefined,
      fields: problem?.errors,
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
