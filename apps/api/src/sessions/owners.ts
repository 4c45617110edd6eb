import { hashSessionToken } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { UserRow } from '../users/repository.ts'
import { ROTATION_GRACE_SECONDS } from './service.ts'

/** A live session and the person it belongs to. */
export interface SessionOwner {
  sessionId: string
  user: Pick<UserRow, 'id' | 'kind' | 'email' | 'name' | 'avatar_url'>
}

/**
 * The live sessions with these values, by the values' hashes; also those that had one until a moment ago.
 * Reads alone: an older value is nobody's here, and does not end its session.
 */
export async function findSessionOwners(
  db: Database,
  hashes: ReadonlySet<string | undefined>,
): Promise<Map<string | undefined, SessionOwner>> {
  const { rows } = await sql<{ hash: string; session_id: string } & SessionOwner['user']>`
    SELECT c.hash, s.id AS session_id, u.id, u.kind, u.email, u.name, u.avatar_url
    FROM unnest(${[...hashes].filter((hash) => hash !== undefined)}::varchar[]) AS c (hash)
    JOIN LATERAL (
      SELECT id FROM sessions WHERE token = c.hash
      UNION ALL
      SELECT former.id FROM session_retired_tokens r
      JOIN sessions former ON former.id = r.session_id AND former.rotated_at = r.retired_at
      WHERE r.token = c.hash
        AND r.retired_at > now() - make_interval(secs => ${ROTATION_GRACE_SECONDS})
    ) v ON true
    JOIN sessions s ON s.id = v.id AND s.revoked_at IS NULL AND s.expires_at > now()
    JOIN users u ON u.id = s.user_id`.execute(db)
  return new Map(
    rows.map(({ hash, session_id: sessionId, ...user }) => [hash, { sessionId, user }]),
  )
}

/** Whose live session the first of these values has that has one; the others count for nothing. */
export async function findSessionOwner(
  db: Database,
  tokens: readonly (string | undefined)[],
): Promise<SessionOwner | undefined> {
  const hashes = tokens.flatMap((token) => (token === undefined ? [] : [hashSessionToken(token)]))
  if (hashes.length === 0) return undefined
  return firstOwner(await findSessionOwners(db, new Set(hashes)), hashes)
}

/** The first of these values that is somebody's. */
export function firstOwner(
  owners: ReadonlyMap<string | undefined, SessionOwner>,
  hashes: readonly (string | undefined)[],
): SessionOwner | undefined {
  return hashes.map((hash) => owners.get(hash)).find((owner) => owner !== undefined)
}
