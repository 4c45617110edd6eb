import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { containing, type KeysetOrder, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { UserRow } from '../users/repository.ts'

const PERSON_COLUMNS = [
  ...(['id', 'email', 'name', 'avatar_url', 'created_at', 'oauth_provider', 'oauth_id'] as const),
] as const

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
    .select(PERSON_COLUMNS)
    .where((eb) =>
      eb.or([
        eb('email', 'ilike', containing(query)),
        eb('name', 'ilike', containing(query)),
        eb(sql<string>`id::text`, '=', query.toLowerCase()),
      ]),
    )
  return pageOf(found, page, NEWEST).execute()
}
