import type { Logger } from '@mindfuse/service-kit'
import type { SessionRevocations } from '@mindfuse/shared-state'
import type { SessionCheck } from './admission.ts'
import type { ApiAccess } from './api-access.ts'

/** Asks the shared revocations, and the API itself while those cannot be read or do not know. */
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
