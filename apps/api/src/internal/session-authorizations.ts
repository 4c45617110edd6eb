import type { SessionAuthorization, SessionAuthorizationsRequest } from '@mindfuse/internal'
import type { KeyUses } from '../auth/key-uses.ts'
import type { Database } from '../db/database.ts'
import { findSessionOwners, firstOwner } from '../sessions/owners.ts'
import { displayName } from '../users/presenter.ts'
import { findAuthorizations } from './authorizations.ts'

/**
 * Whose session each of these cookies and keys is, and what they may do, in the order given. No session is
 * changed: pages connect again and again with the same cookie.
 *
 * @param deps.cookieNames those that count, the first before the others
 */
export async function findSessionAuthorizations(
  { db, cookieNames, keyUses }: { db: Database; cookieNames: readonly string[]; keyUses: KeyUses },
  request: SessionAuthorizationsRequest,
): Promise<SessionAuthorization[]> {
  const { connections } = request
  const hashes = connections.map(({ cookies, key }) =>
    key !== undefined
      ? [key]
      : cookieNames.map((counting) => cookies.find(({ name }) => name === counting)?.hash),
  )
  const owners = await findSessionOwners(db, new Set(hashes.flat()))
  const owned = connections.flatMap(({ boardId }, place) => {
    const owner = firstOwner(owners, hashes[place] ?? [])
    return owner ? [{ place, boardId, ...owner }] : []
  })
  const results: SessionAuthorization[] = connections.map(() => null)
  if (owned.length === 0) return results
  const { results: authorizations } = await findAuthorizations(db, {
    ...request,
    connections: owned.map(({ boardId, sessionId, user }) => ({
      boardId,
      sessionId,
      userId: user.id,
    })),
  })
  for (const [i, { place, sessionId, user }] of owned.entries()) {
    const authorization = authorizations[i]
    // It may have ended since its cookie was looked up.
    if (!authorization?.sessionLives) continue
    const { userName: _, boardName: __, ...permission } = authorization
    const { id, kind, avatar_url: picture } = user
    if (kind === 'key') keyUses.note(sessionId)
    results[place] = {
      sessionId,
      user: {
        ...{ id, name: displayName(user) },
        ...(picture !== null && { picture }),
        ...(kind !== 'person' && { kind }),
      },
      ...permission,
    }
  }
  return results
}
