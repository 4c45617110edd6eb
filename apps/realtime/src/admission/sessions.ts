import type { Logger } from '@mindfuse/service-kit'
import type { SessionRevocations } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import type { SessionCheck } from './admission.ts'
import { Refusal } from './refusal.ts'

/** Asks the shared revocations, and the API itself while those cannot be read or do not know. */
export function createSessionCheck(deps: {
  revocations: SessionRevocations
  api: ApiClient
  log: Logger
}): SessionCheck {
  const { revocations, api, log } = deps
  return async (session, trace) => {
    try {
      const hasEnded = await revocations.has(session.sessionId)
      if (hasEnded !== undefined) return hasEnded
    } catch (error) {
      log.warn({ err: error }, 'revocations cannot be read')
    }
    const results = await api.authorizations([session], trace).catch((cause) => {
      throw new Refusal(503, 'permission_unavailable', 'Access cannot be checked at the moment', {
        cause,
      })
    })
    return results[0]?.sessionLives !== true
  }
}
