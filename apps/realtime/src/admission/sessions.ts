import type { Logger, TraceContext } from '@mindfuse/service-kit'
import type { SessionRevocations } from '@mindfuse/shared-state'
import type { ApiAccess, Applicant } from './api-access.ts'

/** Whether a session has ended although its tokens are still valid. @throws Refusal 503 */
export type SessionCheck = (applicant: Applicant, trace?: TraceContext) => Promise<boolean>

/** Reads the shared revocations, or asks the API where those cannot be read or do not know. */
export function createSessionCheck(deps: {
  revocations: SessionRevocations
  askApi: ApiAccess
  log: Logger
}): SessionCheck {
  const { revocations, askApi, log } = deps
  return async (applicant, trace) => {
    try {
      const hasEnded = await revocations.has(applicant.sessionId)
      if (hasEnded !== undefined) return hasEnded
    } catch (error) {
      log.warn({ err: error }, 'revocations cannot be read')
    }
    const { sessionLives } = await askApi(applicant, trace)
    return !sessionLives
  }
}
