import {
  CLOSE_CODES,
  MalformedFrameError,
  MalformedStateVectorError,
  MalformedUpdateError,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from './connection.ts'

/** Handles a frame so that a failure affects its sender only. */
export function guardFrame(from: Connection, log: Logger, handle: () => void): void {
  try {
    handle()
  } catch (error) {
    const context = { connectionId: from.id, boardId: from.boardId, userId: from.userId }
    if (isMalformed(error)) {
      // Not the error itself: a parser's error quotes the input, which may hold the token.
      log.warn({ ...context, code: error.code, reason: error.message }, 'malformed frame')
      from.close(CLOSE_CODES.MALFORMED, error.code)
    } else {
      log.error({ ...context, err: error }, 'frame handling failed')
      from.close(CLOSE_CODES.INTERNAL_ERROR, 'internal error')
    }
  }
}

function isMalformed(
  error: unknown,
): error is MalformedFrameError | MalformedStateVectorError | MalformedUpdateError {
  return (
    error instanceof MalformedFrameError ||
    error instanceof MalformedStateVectorError ||
    error instanceof MalformedUpdateError
  )
}
