import { ACCESS_TOKEN_ALGORITHM } from '@mindfuse/protocol'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** Key of the advisory lock under which the first key is made ("mfky"). */
const FIRST_KEY_LOCK = 0x6d666b79

/** A pair of keys; both name the same `kid`. */
export interface SigningKey {
  kid: string
  privateJwk: JWK
  publicJwk: JWK
}

/** All signing keys, newest first; the first boot of all instances together makes one. */
export async function loadSigningKeys(db: Database): Promise<[SigningKey, ...SigningKey[]]> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${FIRST_KEY_LOCK})`.execute(tx)
    const [newest, ...older] = await readKeys(tx)
    return newest ? [newest, ...older] : [await addKey(tx)]
  })
}

async function readKeys(db: Database): Promise<SigningKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map((row) => ({
    kid: row.kid,
    privateJwk: row.private_jwk as JWK,
    publicJwk: row.public_jwk as JWK,
  }))
}

async function addKey(db: Database): Promise<SigningKey> {
  const pair = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { extractable: true })
  const bare = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(bare)
  const named = { kid, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' }
  const publicJwk: JWK = { ...bare, ...named }
  const privateJwk: JWK = { ...(await exportJWK(pair.privateKey)), ...named }
  await db
    .insertInto('signing_keys')
    .values({
      kid,
      private_jwk: JSON.stringify(privateJwk),
      public_jwk: JSON.stringify(publicJwk),
    })
    .execute()
  return { kid, privateJwk, publicJwk }
}
