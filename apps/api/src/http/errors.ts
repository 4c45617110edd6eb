import type { Problem } from '@mindfuse/protocol'

/** One field that was refused. */
export interface FieldError {
  /** JSON pointer into the body (`/name`) or, for parameters, their place (`/query/limit`). */
  pointer: string
  message: string
}

/** More about a failure, for programs. */
type ProblemDetails = NonNullable<Problem['details']>

/** A failure that is part of the contract: becomes `application/problem+json`. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  /** Stable, for programs. */
  readonly code: string
  readonly errors: FieldError[] | undefined
  /** More about it, for programs; each code has its own. */
  readonly details: ProblemDetails | undefined
  /** When to try again, sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    code: string,
    detail: string,
    options: {
      errors?: FieldError[]
      details?: ProblemDetails
      retryAfterSeconds?: number
      cause?: unknown
    } = {},
  ) {
    super(detail, { cause: options.cause })
    this.status = status
    this.code = code
    this.errors = options.errors
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** It does not exist, or the caller has no access to it. */
export function notFound(what: string): ApiError {
  return new ApiError(404, `${what}_not_found`, `No such ${what}, or you have no access to it`)
}

/** The caller has access to it, but not this permission. */
export function forbidden(detail: string): ApiError {
  return new ApiError(403, 'forbidden', detail)
}

/** No access token, or an invalid one. */
export function unauthenticated(detail: string): ApiError {
  return new ApiError(401, 'unauthenticated', detail)
}

/** When to try again where the database is busy, seconds. */
const BUSY_RETRY_AFTER_SECONDS = 5

/** The database has more to do than it can: what was asked is not done, and may be asked again. */
export function overloaded(cause?: unknown): ApiError {
  return new ApiError(503, 'overloaded', 'The database is busy or away; try again later', {
    retryAfterSeconds: BUSY_RETRY_AFTER_SECONDS,
    cause,
  })
}

/** There is no such route, or not on this port. */
export function routeNotFound(): ApiError {
  return new ApiError(404, 'route_not_found', 'No such route')
}
