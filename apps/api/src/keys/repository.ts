import type { KeyScope } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'

/** The provider of the identities of keys. */
const PROVIDER = 'mindfuse:key'

/** A key, as its workspace sees it. */
export interface KeyRow {
  id: string
  user_id: string
  workspace_id: string
  name: string | null
  scopes: KeyScope[]
  board_ids: string[] | null
  created_by: string | null
  creator_name: string | null
  creator_email: string | null
  created_at: Date
  expires_at: Date | null
  last_used_at: Date | null
}

/** Creates a key: who acts, its session of the same id, and what it may do. */
export async function insertKey(
  tx: Database,
  key: {
    id: string
    workspaceId: string
    tokenHash: string
    name: string
    scopes: KeyScope[]
    boardIds: string[] | null
    /** Null for never. */
    expiresAt: Date | null
    createdBy: string
  },
): Promise<void> {
  const { id } = key
  const user = await tx
    .insertInto('users')
    .values({
      ...{ kind: 'key', name: key.name, email_verified: false },
      ...{ oauth_provider: PROVIDER, oauth_id: id },
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('sessions')
    .values({
      ...{ id, user_id: user.id, token: key.tokenHash },
      expires_at: key.expiresAt ?? sql<Date>`'infinity'`,
    })
    .execute()
  await tx
    .insertInto('keys')
    .values({
      ...{ id, user_id: user.id, workspace_id: key.workspaceId },
      ...{ scopes: key.scopes, board_ids: key.boardIds, created_by: key.createdBy },
    })
    .execute()
}

/** A workspace's keys, the newest first; those that expired are there for another day. */
export function listKeys(db: Database, workspaceId: string, page: KeysetPage): Promise<KeyRow[]> {
  const found = keys(db).where('keys.workspace_id', '=', workspaceId)
  return pageOf(found, page, byTime('keys.created_at', 'keys.id', 'desc')).execute()
}

/** The key with this id. */
export function findKey(db: Database, id: string): Promise<KeyRow | undefined> {
  return keys(db).where('keys.id', '=', id).executeTakeFirst()
}

/** How many keys a workspace has. */
export async function countKeys(db: Database, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('keys')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow()
  return count
}

/** How many of these are boards of the workspace, in the trash or not. */
export async function countBoards(
  db: Database,
  workspaceId: string,
  boardIds: readonly string[],
): Promise<number> {
  const { count } = await db
    .selectFrom('boards')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where((eb) => eb('id', '=', eb.fn.any(eb.val([...boardIds]))))
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Whether an account may be used; it cannot be disabled until the transaction ends, which then finds what
 * was made meanwhile.
 */
export async function holdEnabled(tx: Database, userId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('users')
    .select('disabled_at')
    .where('id', '=', userId)
    .forShare()
    .executeTakeFirst()
  return row !== undefined && row.disabled_at === null
}

function keys(db: Database) {
  return (
    db
      .selectFrom('keys')
      .innerJoin('sessions', 'sessions.id', 'keys.id')
      .innerJoin('users', 'users.id', 'keys.user_id')
      .leftJoin('users as creators', 'creators.id', 'keys.created_by')
      .select([
        ...(['keys.id', 'keys.user_id', 'keys.workspace_id', 'users.name', 'scopes'] as const),
        ...(['board_ids', 'keys.created_by', 'keys.created_at', 'last_used_at'] as const),
        ...(['creators.name as creator_name', 'creators.email as creator_email'] as const),
      ])
      // No JavaScript date is infinite.
      .select(sql<Date | null>`nullif(expires_at, 'infinity')`.as('expires_at'))
  )
}
