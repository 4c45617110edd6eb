import type { Logger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { DeferredTouches } from '../db/deferred-touches.ts'

/** How often the row of one key is written at most. */
const PRECISION = sql`interval '1 minute'`

/** Keeps when keys were last used. */
export type KeyUses = DeferredTouches

/** See {@link KeyUses}. */
export function createKeyUses({ db, log }: { db: Database; log: Logger }): KeyUses {
  return new DeferredTouches({
    what: 'uses of keys',
    log,
    // Who holds a row is another instance that writes the same, or revokes the key.
    touch: (keyIds) =>
      sql`
        UPDATE keys SET last_used_at = now() WHERE id IN (
          SELECT id FROM keys
          WHERE id = ANY (${keyIds}::uuid[])
            AND (last_used_at IS NULL OR last_used_at < now() - ${PRECISION})
          FOR NO KEY UPDATE SKIP LOCKED
        )`.execute(db),
  })
}
