import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type ApiError, forbidden } from '../http/errors.ts'
import { USER_COLUMNS, type UserRow } from './repository.ts'

/** Who vouches for the app users of a workspace: its product. */
export function appUserProvider(workspaceId: string): string {
  return `workspace:${workspaceId}`
}

/** The app user whom the product of a workspace calls so. */
export function findAppUser(
  db: Database,
  workspaceId: string,
  externalId: string,
): Promise<UserRow | undefined> {
  return appUsers(db, workspaceId, externalId).executeTakeFirst()
}

function appUsers(db: Database, workspaceId: string, externalId: string) {
  return db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('oauth_provider', '=', appUserProvider(workspaceId))
    .where('oauth_id', '=', externalId)
}

/**
 * Creates the app user, or gives them the name and picture that they have by now. They cannot be disabled until
 * the transaction ends, which then finds what was minted meanwhile.
 */
export async function putAppUser(
  tx: Database,
  user: { workspaceId: string; externalId: string; name: string; avatarUrl: string | null },
): Promise<UserRow> {
  const { workspaceId, externalId, name, avatarUrl } = user
  const known = await appUsers(tx, workspaceId, externalId).forNoKeyUpdate().executeTakeFirst()
  if (known?.name === name && known.avatar_url === avatarUrl) return known
  const profile = { name, avatar_url: avatarUrl }
  return tx
    .insertInto('users')
    .values({
      ...{ kind: 'app_user', email_verified: false, ...profile },
      ...{ oauth_provider: appUserProvider(workspaceId), oauth_id: externalId },
    })
    .onConflict((conflict) =>
      conflict
        .columns(['oauth_provider', 'oauth_id'])
        .doUpdateSet({ ...profile, updated_at: sql<Date>`now()` }),
    )
    .returning(USER_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** The refusal of an app user as the owner of a board. */
export function aboveAppUsers(): ApiError {
  return forbidden('App users can be editors, commenters and viewers of boards')
}
