import { hashSessionToken } from '@mindfuse/service-kit'
import type { Database } from '../db/database.ts'
import { type ApiError, unauthenticated } from '../http/errors.ts'
import { findUser, type UserRow } from '../users/repository.ts'
import { findSessionByToken } from './repository.ts'

/** Who is behind a session's value, which stays as it is. @throws ApiError 401 */
export async function identifySession(
  db: Database,
  token: string,
): Promise<{ user: UserRow; sessionId: string; expiresAt: Date }> {
  const session = await findSessionByToken(db, hashSessionToken(token))
  const user = session && (await findUser(db, session.user_id))
  if (!session || !user) throw sessionOver()
  return { user, sessionId: session.id, expiresAt: session.expires_at }
}

/** The refusal of a value whose session has ended, or never was. */
export function sessionOver(): ApiError {
  return unauthenticated('The session has ended; sign in again')
}
