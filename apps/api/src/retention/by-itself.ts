import { type Actor, NOBODY } from '../changes/actor.ts'

/** The actor of a change that retention makes, without a request. */
export function byItself(userId: string = NOBODY): Actor {
  return {
    userId,
    sessionId: NOBODY,
    ip: null,
    userAgent: null,
    requestId: 'retention',
    idempotency: undefined,
    // Changes of the person must not hold up what is removed for everyone.
    turn: 'retention',
  }
}
