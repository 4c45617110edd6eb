import type { WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { containing, type KeysetOrder, type KeysetPage, pageOf } from '../db/keyset.ts'
import { foldedEmail } from '../users/email.ts'
import { findUser, USER_COLUMNS, type UserRow } from '../users/repository.ts'

/** Cursors have milliseconds, the column has more. */
const NEWEST: KeysetOrder = {
  column: sql`date_trunc('milliseconds', created_at)`,
  id: sql.ref('id'),
  type: 'timestamptz',
  direction: 'desc',
}

/** A page of the people whose email or name contains a text, or whose id it is. */
export function listPeople(db: Database, query: string, page: KeysetPage): Promise<UserRow[]> {
  const found = db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('kind', '=', 'person')
    .where((eb) =>
      eb.or([
        eb('email', 'ilike', containing(query)),
        eb('name', 'ilike', containing(query)),
        eb(sql<string>`id::text`, '=', query.toLowerCase()),
      ]),
    )
  return pageOf(found, page, NEWEST).execute()
}

/** The person with this id; undefined for users of other kinds. */
export async function findPerson(db: Database, personId: string): Promise<UserRow | undefined> {
  const user = await findUser(db, personId)
  return user?.kind === 'person' ? user : undefined
}

/** Locks a person, who then neither signs in nor changes until the transaction ends. @returns whether there is one */
export async function lockPerson(tx: Database, personId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('users')
    .select('id')
    .where('id', '=', personId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Disables a person, since now if they are not disabled, or enables them. @returns whether there is one */
export async function setDisabled(
  tx: Database,
  personId: string,
  isDisabled: boolean,
): Promise<boolean> {
  const row = await tx
    .updateTable('users')
    .set({ disabled_at: isDisabled ? sql<Date>`coalesce(disabled_at, now())` : null })
    .where('id', '=', personId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A person's folded email, and whether it is known to be theirs. */
export function findEmail(
  db: Database,
  personId: string,
): Promise<{ email: string; isVerified: boolean } | undefined> {
  return db
    .selectFrom('users')
    .select([foldedEmail.as('email'), 'email_verified as isVerified'])
    .where('id', '=', personId)
    .executeTakeFirst()
}

/** How many live sessions a person has. */
export async function countSessions(db: Database, personId: string): Promise<number> {
  const { count } = await db
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', personId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirstOrThrow()
  return count
}

/** Most workspaces of a person that are shown; few are in more. */
const MAX_WORKSPACES = 1_000

/** The workspaces that a person is in, those joined last first. */
export function listWorkspacesOf(
  db: Database,
  personId: string,
): Promise<{ id: string; name: string; type: 'personal' | 'team'; role: WorkspaceRole }[]> {
  return db
    .selectFrom('workspace_members')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_id')
    .select(['workspaces.id', 'name', 'type', 'role'])
    .where('user_id', '=', personId)
    .where('deleted_at', 'is', null)
    .orderBy('joined_at', 'desc')
    .limit(MAX_WORKSPACES)
    .execute()
}
