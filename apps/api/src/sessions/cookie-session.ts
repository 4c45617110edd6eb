import { hashSessionToken } from '@mindfuse/service-kit'
import type { Database } from '../db/database.ts'
import * as repository from './repository.ts'

/** The live session that has this cookie value, or had it: a request may just have replaced it. */
export async function findSessionOfCookie(
  db: Database,
  token: string,
): Promise<repository.SessionRow | undefined> {
  const tokenHash = hashSessionToken(token)
  const current = await repository.findSessionByToken(db, tokenHash)
  if (current) return current
  // Second, so that a rotation in between is not missed.
  const sessionId = await repository.findSessionOfRetired(db, tokenHash)
  return sessionId === undefined ? undefined : repository.findSession(db, sessionId)
}

/**
 * Whether a cookie is that of another user, who signed in in another tab: it stays where a user with a
 * token of before signs out.
 */
export async function isCookieOfAnother(
  db: Database,
  token: string | undefined,
  userId: string,
): Promise<boolean> {
  const session = token === undefined ? undefined : await findSessionOfCookie(db, token)
  return session !== undefined && session.user_id !== userId
}
