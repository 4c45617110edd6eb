import { CLOSE_CODES } from '@mindfuse/protocol'
import { MindfuseError } from '../errors.ts'
import type { DenialReason } from './state.ts'

/** After 1012 without a `going-away`, clients come back spread over this time, milliseconds. */
const RESTART_SPREAD_MS = 5_000

/** What follows from the end of a connection, or from one that did not come about. */
export type Verdict =
  | { kind: 'denied'; reason: DenialReason; code: string }
  | {
      kind: 'retry'
      code: string
      /** The token is no good: another is needed first. */
      rejectsToken?: true
      /** Come back after exactly so long, milliseconds; else with backoff. */
      afterMs?: number
      /** Come back with backoff, and not before so long, milliseconds. */
      minMs?: number | undefined
    }

/** What to do about a close code: 44xx is permanent, all else transient (PROTOCOL.md). */
export function verdictOfClose(
  code: number,
  { retryAfterMs, random }: { retryAfterMs?: number | undefined; random: () => number },
): Verdict {
  switch (code) {
    case CLOSE_CODES.SERVICE_RESTART:
      return {
        kind: 'retry',
        code: 'service_restart',
        afterMs: retryAfterMs ?? random() * RESTART_SPREAD_MS,
      }
    case CLOSE_CODES.TOKEN_EXPIRED:
      return { kind: 'retry', code: 'token_expired', rejectsToken: true }
    case CLOSE_CODES.ACCESS_REMOVED:
      return { kind: 'denied', reason: 'access_removed', code: 'access_removed' }
    case CLOSE_CODES.BOARD_GONE:
      return { kind: 'denied', reason: 'board_not_found', code: 'board_gone' }
    case CLOSE_CODES.TOO_LARGE:
      return { kind: 'denied', reason: 'too_large', code: 'too_large' }
  }
  if (code >= 4400 && code < 4500) return { kind: 'denied', reason: 'protocol', code: `${code}` }
  // It said that it would go and was cut off before it could close.
  if (retryAfterMs !== undefined) return { kind: 'retry', code: `${code}`, afterMs: retryAfterMs }
  return { kind: 'retry', code: `${code}` }
}

/** What to do where a token or an upgrade was refused with this. */
export function verdictOfError(error: unknown): Verdict {
  if (!(error instanceof MindfuseError)) return { kind: 'retry', code: 'unknown_error' }
  const { status, code, retryAfterMs } = error
  if (status === 401) return { kind: 'retry', code, rejectsToken: true }
  if (status === 403) return { kind: 'denied', reason: 'origin_not_allowed', code }
  if (status === 404 && code === 'board_not_found') {
    return { kind: 'denied', reason: 'board_not_found', code }
  }
  return { kind: 'retry', code, minMs: retryAfterMs }
}

/** What to do where no token can be had. */
export function verdictOfTokenError(error: unknown): Verdict {
  if (error instanceof MindfuseError && (error.status === 401 || error.status === 403)) {
    return { kind: 'denied', reason: 'sign_in_required', code: error.code }
  }
  return verdictOfError(error)
}
