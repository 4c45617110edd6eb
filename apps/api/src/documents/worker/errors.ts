import { ApiError } from '../../http/errors.ts'

/** When to try again where documents are busy, seconds. */
const RETRY_AFTER_SECONDS = 5

/** The document, or what builds documents, is busy with something else. */
export class DocumentsBusyError extends ApiError {
  constructor(detail: string) {
    super(503, 'documents_busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}

/** Too many documents are queued, or the processes that build them cannot be had at the moment. */
export class WorkersBusyError extends DocumentsBusyError {
  constructor() {
    super('Too many documents are being processed; try again later')
  }
}

/** This person has reached the limit of queued jobs, or their share of temporary files. */
export class TooManyJobsError extends ApiError {
  constructor() {
    super(
      429,
      'too_many_document_jobs',
      'You have too many documents in process; wait for some of them to finish',
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    )
  }
}

/** Why a document cannot be built, as the board keeps it. */
export type BuildFailure = keyof typeof BUILD_FAILURES

const BUILD_FAILURES = {
  too_costly: [422, 'document_too_costly', 'This document takes too long to build'],
  too_large: [413, 'document_too_large', 'This document takes too much memory to build'],
  broken: [422, 'document_broken', 'This document cannot be built'],
} as const

/** Every {@link BuildFailure}. */
export const BUILD_FAILURE_NAMES = Object.keys(BUILD_FAILURES) as BuildFailure[]

/**
 * A document cannot be built, however often it is tried: a well-formed update can keep Yjs busy for
 * any time, take any memory, or make it throw.
 */
export class UnbuildableError extends ApiError {
  readonly failure: BuildFailure

  constructor(failure: BuildFailure, options: { cause?: unknown } = {}) {
    const [status, code, what] = BUILD_FAILURES[failure]
    super(status, code, what, options)
    this.failure = failure
  }
}

/** A worker process ended while a job had it, for no reason that is known. */
export class WorkerEndedError extends Error {
  override name = 'WorkerEndedError'
}

/** Nobody waits for the result of a job any more. */
export class JobCancelledError extends ApiError {
  constructor() {
    super(499, 'cancelled', 'The caller disconnected')
  }
}
