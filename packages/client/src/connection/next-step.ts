import { CLOSE_CODES } from '@mindfuse/protocol'
import { MindfuseError, SIGNED_IN_AS_ANOTHER } from '../errors.ts'
import type { DenialReason } from './state.ts'

/** After a 1012 without a `going-away`, clients reconnect spread over this time, milliseconds. */
const RESTART_SPREAD_MS = 5_000

/** What follows the end of a connection, or a failed attempt. */
export type NextStep =
  | { kind: 'denied'; reason: DenialReason; code: string }
  | {
      kind: 'retry'
      code: string
      /** The token was rejected: the next attempt needs another. */
      rejectsToken?: true
      /** Nothing failed: reconnect immediately, unless the attempt before failed. */
      isDue?: true
      /** Reconnect after exactly this time, milliseconds; else with backoff. */
      afterMs?: number
      /** Reconnect with backoff after at least this time, milliseconds. */
      minMs?: number | undefined
    }

/** What a close code asks for: 44xx is permanent, everything else transient (PROTOCOL.md). */
export function nextStepAfterClose(
  code: number,
  { retryAfterMs, random }: { retryAfterMs?: number | undefined; random: () => number },
): NextStep {
  switch (code) {
    case CLOSE_CODES.SERVICE_RESTART:
      return {
        kind: 'retry',
        code: 'service_restart',
        afterMs: retryAfterMs ?? random() * RESTART_SPREAD_MS,
      }
    case CLOSE_CODES.TOKEN_EXPIRED:
      return { kind: 'retry', code: 'token_expired', rejectsToken: true, isDue: true }
    // The API decides: a session that has ended gets no token. Older gateways close with it for a token.
    case CLOSE_CODES.SESSION_ENDED:
      return { kind: 'retry', code: 'session_ended', rejectsToken: true }
    case CLOSE_CODES.ACCESS_REMOVED:
      return { kind: 'denied', reason: 'access_removed', code: 'access_removed' }
    case CLOSE_CODES.BOARD_GONE:
      return { kind: 'denied', reason: 'board_not_found', code: 'board_gone' }
    case CLOSE_CODES.TOO_LARGE:
      return { kind: 'denied', reason: 'too_large', code: 'too_large' }
  }
  if (code >= 4400 && code < 4500) return { kind: 'denied', reason: 'protocol', code: `${code}` }
  // It announced that it was going away, and was cut off before it could close.
  if (retryAfterMs !== undefined) return { kind: 'retry', code: `${code}`, afterMs: retryAfterMs }
  return { kind: 'retry', code: `${code}` }
}

/** What a refused request or upgrade asks for. */
export function nextStepAfterRefusal(error: unknown): NextStep {
  if (!(error instanceof MindfuseError)) return { kind: 'retry', code: 'unknown_error' }
  const { status, code, retryAfterMs } = error
  if (status === 401) return { kind: 'retry', code, rejectsToken: true }
  if (status === 403) return { kind: 'denied', reason: 'origin_not_allowed', code }
  if (status === 404 && code === 'board_not_found') {
    return { kind: 'denied', reason: 'board_not_found', code }
  }
  return { kind: 'retry', code, minMs: retryAfterMs }
}

/** What a failure to fetch an access token asks for. */
export function nextStepAfterTokenError(error: unknown): NextStep {
  if (error instanceof MindfuseError && error.code === SIGNED_IN_AS_ANOTHER) {
    return { kind: 'denied', reason: SIGNED_IN_AS_ANOTHER, code: error.code }
  }
  if (error instanceof MindfuseError && (error.status === 401 || error.status === 403)) {
    return { kind: 'denied', reason: 'sign_in_required', code: error.code }
  }
  return nextStepAfterRefusal(error)
}
