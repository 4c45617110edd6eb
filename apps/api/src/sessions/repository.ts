import { sql } from 'kysely'
import type { Client } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'

/** How long a session lasts: a person's from sign-in, a guest's from its last use. */
export const SESSION_TTL_SECONDS = 30 * 24 * 60 * 60

/** Retired values are kept this long: time enough to see a stolen one come back. */
const RETIRED_TOKEN_RETENTION = sql<Date>`now() - interval '1 day'`

/** A guest stays one for as long as they come back; a person signs in again. */
const RENEWED_END = sql<Date>`CASE
  WHEN (SELECT kind FROM users WHERE id = user_id) = 'guest'
  THEN now() + make_interval(secs => ${SESSION_TTL_SECONDS})
  ELSE expires_at
END`

/** A row of `sessions`, without its value. */
export interface SessionRow {
  id: string
  user_id: string
  created_at: Date
  rotated_at: Date
  expires_at: Date
  ip: string | null
  user_agent: string | null
}

const SESSION_COLUMNS = [
  'id',
  'user_id',
  'created_at',
  'rotated_at',
  'expires_at',
  'ip',
  'user_agent',
] as const

/** Starts a session and returns its id. */
export async function insertSession(
  db: Database,
  session: {
    userId: string
    tokenHash: string
    expiresAt: Date
    ip: string | null
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

/** The live session with this value. */
export function findSessionByToken(
  db: Database,
  tokenHash: string,
): Promise<SessionRow | undefined> {
  return liveSessions(db).where('token', '=', tokenHash).executeTakeFirst()
}

/** The live session with this id. */
export function findSession(db: Database, sessionId: string): Promise<SessionRow | undefined> {
  return liveSessions(db).where('id', '=', sessionId).executeTakeFirst()
}

/** A person's live sessions, the one used last first. */
export function listSessions(
  db: Database,
  userId: string,
  { limit }: { limit: number },
): Promise<SessionRow[]> {
  return liveSessions(db)
    .where('user_id', '=', userId)
    .orderBy('rotated_at', 'desc')
    .limit(limit)
    .execute()
}

/**
 * Gives a session a new value, if its value is still the one given. Two requests with the same
 * value race for one update; the loser finds its value retired a moment ago.
 *
 * @returns when the session ends, where this call was the one
 */
export async function rotateSession(
  db: Database,
  rotation: { sessionId: string; fromHash: string; toHash: string; salt: Buffer; client: Client },
): Promise<Date | undefined> {
  const { sessionId, fromHash, toHash, salt, client } = rotation
  return db.transaction().execute(async (tx) => {
    const updated = await tx
      .updateTable('sessions')
      .set({ token: toHash, rotated_at: sql<Date>`now()`, expires_at: RENEWED_END })
      .where('id', '=', sessionId)
      .where('token', '=', fromHash)
      .where('revoked_at', 'is', null)
      .returning('expires_at')
      .executeTakeFirst()
    if (!updated) return undefined
    await tx
      .deleteFrom('session_retired_tokens')
      .where('session_id', '=', sessionId)
      .where('retired_at', '<', RETIRED_TOKEN_RETENTION)
      .execute()
    await tx
      .insertInto('session_retired_tokens')
      .values({
        ...{ token: fromHash, session_id: sessionId, salt },
        ...{ ip: client.ip, user_agent: client.userAgent },
      })
      .execute()
    return updated.expires_at
  })
}

/** A value that a session had before. */
export interface RetiredToken {
  sessionId: string
  /** What the next value was made with; null where an older API rotated. */
  salt: Buffer | null
  /** It was the last before the current one, and that a moment ago. */
  isWithinGrace: boolean
  /** As above within a longer time, and this client is the one that had it replaced. */
  isRepeated: boolean
}

/** The value with this hash, if a session once had it, as `client` presents it now. */
export function findRetiredToken(
  db: Database,
  tokenHash: string,
  { client, ...limits }: { client: Client; graceSeconds: number; repeatSeconds: number },
): Promise<RetiredToken | undefined> {
  // Equal times mean that this very rotation was the session's latest.
  const isLatestWithin = (seconds: number) => sql<boolean>`retired_at = rotated_at
    AND retired_at > now() - make_interval(secs => ${seconds})`
  return db
    .selectFrom('session_retired_tokens')
    .innerJoin('sessions', 'sessions.id', 'session_id')
    .select([
      'session_id as sessionId',
      'salt',
      isLatestWithin(limits.graceSeconds).as('isWithinGrace'),
      sql<boolean>`${isLatestWithin(limits.repeatSeconds)} AND salt IS NOT NULL
        AND session_retired_tokens.ip IS NOT DISTINCT FROM ${client.ip}::inet
        AND session_retired_tokens.user_agent IS NOT DISTINCT FROM ${client.userAgent}`.as(
        'isRepeated',
      ),
    ])
    .where('session_retired_tokens.token', '=', tokenHash)
    .executeTakeFirst()
}

/** The id of the session that had this value before. */
export async function findSessionOfRetired(
  db: Database,
  tokenHash: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('session_retired_tokens')
    .select('session_id')
    .where('token', '=', tokenHash)
    .executeTakeFirst()
  return row?.session_id
}

/**
 * Ends a session, and leaves nothing of it: people may sign in and out as often as they like.
 * @returns whether it was live until now
 */
export async function deleteSession(db: Database, sessionId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('sessions')
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** Ends a person's sessions past a number, those used last excepted. @returns the ids of up to that many */
export async function deleteOldestSessions(
  db: Database,
  { userId, keep }: { userId: string; keep: number },
): Promise<string[]> {
  const oldest = liveSessions(db)
    .clearSelect()
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('rotated_at', 'desc')
    .offset(keep)
    .limit(keep)
  const rows = await db.deleteFrom('sessions').where('id', 'in', oldest).returning('id').execute()
  return rows.map(({ id }) => id)
}

function liveSessions(db: Database) {
  return db
    .selectFrom('sessions')
    .select(SESSION_COLUMNS)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
}
