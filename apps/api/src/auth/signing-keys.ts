import { ACCESS_TOKEN_ALGORITHM } from '@mindfuse/service-kit/access-tokens'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** Key of the advisory lock under which keys are made ("mfky"). */
const KEY_LOCK = 0x6d666b79

/** A pair of keys; both name the same `kid`. */
export interface SigningKey {
  kid: string
  privateJwk: JWK
  publicJwk: JWK
  /** From when on it signs; until then others only get to know it. */
  activatesAt: Date
}

/** All signing keys, newest first; the first boot of all instances together makes one. */
export async function loadSigningKeys(db: Database): Promise<SigningKey[]> {
  const known = await readKeys(db)
  if (known.length > 0) return known
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${KEY_LOCK})`.execute(tx)
    const keys = await readKeys(tx)
    return keys.length > 0 ? keys : [await addKey(tx, 0)]
  })
}

/**
 * Makes the next signing key, which signs after `delaySeconds`, and forgets those that no living
 * token was signed with: those whose successor has signed for `tokenTtlSeconds`.
 */
export async function rotateSigningKeys(
  db: Database,
  { delaySeconds, tokenTtlSeconds }: { delaySeconds: number; tokenTtlSeconds: number },
): Promise<SigningKey> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${KEY_LOCK})`.execute(tx)
    await sql`
      DELETE FROM signing_keys old WHERE EXISTS (
        SELECT FROM signing_keys next
        WHERE next.activates_at > old.activates_at
          AND next.activates_at < now() - make_interval(secs => ${tokenTtlSeconds})
      )`.execute(tx)
    return addKey(tx, delaySeconds)
  })
}

async function readKeys(db: Database): Promise<SigningKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .orderBy('activates_at', 'desc')
    .execute()
  return rows.map((row) => ({
    kid: row.kid,
    privateJwk: row.private_jwk as JWK,
    publicJwk: row.public_jwk as JWK,
    activatesAt: row.activates_at,
  }))
}

async function addKey(db: Database, delaySeconds: number): Promise<SigningKey> {
  const pair = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { extractable: true })
  const bare = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(bare)
  const named = { kid, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' }
  const publicJwk: JWK = { ...bare, ...named }
  const privateJwk: JWK = { ...(await exportJWK(pair.privateKey)), ...named }
  const { activates_at: activatesAt } = await db
    .insertInto('signing_keys')
    .values({
      kid,
      private_jwk: JSON.stringify(privateJwk),
      public_jwk: JSON.stringify(publicJwk),
      activates_at: sql<Date>`now() + make_interval(secs => ${delaySeconds})`,
    })
    .returning('activates_at')
    .executeTakeFirstOrThrow()
  return { kid, privateJwk, publicJwk, activatesAt }
}
