import { hashSessionToken } from '@mindfuse/service-kit'
import type { AccessTokens } from '../auth/access-tokens.ts'
import type { SessionCookie } from '../auth/session-cookie.ts'
import type { Client } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import type { UserRow } from '../users/repository.ts'
import { type AccessGrant, grantAccess } from './grant-access.ts'
import { insertSession, SESSION_TTL_SECONDS } from './repository.ts'
import { newSessionToken } from './session-tokens.ts'

/** Starts a session in the transaction that signs a person in, or lets a guest in. */
export async function startSession(
  tx: Database,
  { accessTokens, user, client }: { accessTokens: AccessTokens; user: UserRow; client: Client },
): Promise<{ session: SessionCookie; access: AccessGrant }> {
  const token = newSessionToken()
  const expiresAt = new Date(Date.now() + SESSION_TTL_SECONDS * 1_000)
  const sessionId = await insertSession(tx, {
    userId: user.id,
    tokenHash: hashSessionToken(token),
    expiresAt,
    ip: client.ip,
    userAgent: client.userAgent,
  })
  const access = await grantAccess(accessTokens, user, sessionId)
  return { session: { token, expiresAt }, access }
}
