import type { KeyScope, UserKind } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type PreparedFirst, preparedFirst } from '../db/prepared.ts'

/** A row of `users`. */
export interface UserRow {
  id: string
  kind: UserKind
  /** Null of those who are no people. */
  email: string | null
  name: string | null
  /** What a person chose to be called. */
  chosen_name: string | null
  avatar_url: string | null
  created_at: Date
  oauth_provider: string
  oauth_id: string
  /** Since when they may not sign in. */
  disabled_at: Date | null
}

/** What is read of a person. */
export const USER_COLUMNS = [
  ...(['users.id', 'kind', 'email', 'name', 'chosen_name', 'avatar_url'] as const),
  ...(['users.created_at', 'oauth_provider', 'oauth_id', 'disabled_at'] as const),
] as const

/** Creates the person, or updates them with the provider's data, but for a name that they chose. */
export function upsertUser(
  db: Database,
  user: {
    provider: string
    subject: string
    email: string
    emailVerified: boolean
    name: string | null
    avatarUrl: string | null
  },
): Promise<UserRow> {
  const profile = {
    email: user.email,
    email_verified: user.emailVerified,
    provider_name: user.name,
    avatar_url: user.avatarUrl,
  }
  return db
    .insertInto('users')
    .values({
      ...{ oauth_provider: user.provider, oauth_id: user.subject },
      ...{ ...profile, name: user.name },
    })
    .onConflict((conflict) =>
      conflict.columns(['oauth_provider', 'oauth_id']).doUpdateSet({
        ...profile,
        name: sql<string | null>`coalesce(users.chosen_name, ${user.name})`,
        updated_at: sql<Date>`now()`,
      }),
    )
    .returning(USER_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Creates a guest, who is nobody but the one with their session. */
export function insertGuest(db: Database, name: string | null): Promise<UserRow> {
  return db
    .insertInto('users')
    .values({
      kind: 'guest',
      oauth_provider: 'mindfuse:guest',
      oauth_id: sql<string>`gen_random_uuid()::text`,
      email_verified: false,
      name,
    })
    .returning(USER_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Gives a guest a name. */
export async function renameGuest(db: Database, userId: string, name: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ name, updated_at: sql<Date>`now()` })
    .where('id', '=', userId)
    .where('kind', '=', 'guest')
    .execute()
}

/** Gives a person the name that they chose, or with null the provider's again. */
export async function chooseName(db: Database, userId: string, name: string | null): Promise<void> {
  const providerName = sql<string | null>`CASE
    WHEN chosen_name IS NULL THEN name ELSE provider_name END`
  await db
    .updateTable('users')
    .set({
      name: name ?? providerName,
      chosen_name: name,
      provider_name: providerName,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', userId)
    .where('kind', '=', 'person')
    .execute()
}

/** The person with this id. */
export function findUser(db: Database, userId: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').select(USER_COLUMNS).where('id', '=', userId).executeTakeFirst()
}

/** Who is behind a session that is neither revoked nor expired, and what a key may do. */
export const findUserBySession: PreparedFirst<
  'sessionId',
  UserRow & { scopes: KeyScope[] | null }
> = preparedFirst(['sessionId'], (db, { sessionId }) =>
  db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .leftJoin('keys', 'keys.id', 'sessions.id')
    .select([...USER_COLUMNS, 'keys.scopes'])
    .where('sessions.id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`),
)

/** The session of the key with this hash, whether it lives or not. */
export const findKeyByHash: PreparedFirst<'tokenHash', { id: string }> = preparedFirst(
  ['tokenHash'],
  (db, { tokenHash }) =>
    db
      .selectFrom('sessions')
      .innerJoin('keys', 'keys.id', 'sessions.id')
      .select('keys.id')
      .where('token', '=', tokenHash),
)
