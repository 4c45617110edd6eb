import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** Retired values are kept this long: time enough to see a stolen one come back. */
const RETIRED_TOKEN_RETENTION = sql<Date>`now() - interval '1 day'`

/** A row of `users`. */
export interface UserRow {
  id: string
  email: string
  name: string | null
  avatar_url: string | null
  created_at: Date
}

const USER_COLUMNS = ['users.id', 'email', 'name', 'avatar_url', 'users.created_at'] as const

/** Creates the person, or brings what the provider says of them up to date. */
export function upsertUser(
  db: Database,
  user: {
    provider: string
    subject: string
    email: string
    name: string
    avatarUrl: string | null
  },
): Promise<UserRow> {
  const profile = {
    email: user.email,
    email_verified: true,
    name: user.name,
    avatar_url: user.avatarUrl,
  }
  return db
    .insertInto('users')
    .values({ oauth_provider: user.provider, oauth_id: user.subject, ...profile })
    .onConflict((conflict) =>
      conflict
        .columns(['oauth_provider', 'oauth_id'])
        .doUpdateSet({ ...profile, updated_at: sql<Date>`now()` }),
    )
    .returning(USER_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Starts a session and returns its id. */
export async function insertSession(
  db: Database,
  session: {
    userId: string
    tokenHash: string
    expiresAt: Date
    ip: string
    userAgent: string | null
  },
): Promise<string> {
  const { id } = await db
    .insertInto('sessions')
    .values({
      user_id: session.userId,
      token: session.tokenHash,
      expires_at: session.expiresAt,
      ip: session.ip,
      user_agent: session.userAgent,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The person behind a session that is neither revoked nor over. */
export function findUserBySession(
  db: Database,
  session: { id: string } | { tokenHash: string },
): Promise<(UserRow & { session_id: string; session_expires_at: Date }) | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      ...USER_COLUMNS,
      'sessions.id as session_id',
      'sessions.expires_at as session_expires_at',
    ])
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .$if('id' in session, (query) =>
      query.where('sessions.id', '=', (session as { id: string }).id),
    )
    .$if('tokenHash' in session, (query) =>
      query.where('token', '=', (session as { tokenHash: string }).tokenHash),
    )
    .executeTakeFirst()
}

/**
 * Gives a session a new value, if its value is still the one given. Two requests with the same
 * value race for one update; the loser finds its value retired a moment ago.
 *
 * @returns whether this call was the one
 */
export async function rotateSession(
  db: Database,
  rotation: { sessionId: string; fromHash: string; toHash: string },
): Promise<boolean> {
  const { sessionId, fromHash, toHash } = rotation
  return db.transaction().execute(async (tx) => {
    const updated = await tx
      .updateTable('sessions')
      .set({ token: toHash, rotated_at: sql<Date>`now()` })
      .where('id', '=', sessionId)
      .where('token', '=', fromHash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    if (updated.numUpdatedRows === 0n) return false
    await tx
      .deleteFrom('session_retired_tokens')
      .where('session_id', '=', sessionId)
      .where('retired_at', '<', RETIRED_TOKEN_RETENTION)
      .execute()
    await tx
      .insertInto('session_retired_tokens')
      .values({ token: fromHash, session_id: sessionId })
      .execute()
    return true
  })
}

/** The session that once had this value, and whether that was the last and a moment ago. */
export async function findRetiredToken(
  db: Database,
  tokenHash: string,
  graceSeconds: number,
): Promise<{ sessionId: string; isWithinGrace: boolean } | undefined> {
  const row = await db
    .selectFrom('session_retired_tokens')
    .innerJoin('sessions', 'sessions.id', 'session_id')
    .select([
      'session_id as sessionId',
      // Equal times mean that this very rotation was the session's latest.
      sql<boolean>`retired_at = rotated_at
        AND retired_at > now() - make_interval(secs => ${graceSeconds})`.as('isWithinGrace'),
    ])
    .where('session_retired_tokens.token', '=', tokenHash)
    .executeTakeFirst()
  return row
}

/** Ends a session; one that is over already stays as it is. */
export async function revokeSession(db: Database, sessionId: string): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .execute()
}
