import { sql } from 'kysely'
import type { Database, DatabasePool } from '../db/database.ts'
import { ApiError, overloaded } from '../http/errors.ts'
import { createTurns, shareOf, type Turns, tooManyOf } from '../http/turns.ts'
import type { Actor, Newcomer } from './actor.ts'
import { type Change, type RecordChange, recorder } from './record.ts'

/**
 * Runs an actor's change in one transaction with the events it records, which are published after
 * the commit. A request repeated with its `Idempotency-Key` gets the result of the first one, so
 * the result has to survive JSON.
 *
 * @throws ApiError 409 while the first request is in progress, 422 for a key of a different one, 429
 * where too many changes of the actor wait, 503 where one waits too long
 */
export type Transact = <Result>(
  actor: Actor | Newcomer,
  work: (tx: Database, record: RecordChange) => Promise<Result>,
) => Promise<Result>

/** How changes of one kind reach the database. */
export interface Transactions {
  db: Database
  /** Changes of a person take turns, see `createTurns`. */
  ofPerson: Turns
  /** And so do those of many people to the same thing. */
  ofCrowd: Turns
}

/** Transactions on the connections of a pool. */
export function transactionsOn({ db, size: connections }: DatabasePool): Transactions {
  const atOnce = shareOf(connections)
  return {
    db,
    ofPerson: createTurns({ atOnce, tooMany: tooManyOf('changes') }),
    ofCrowd: createTurns({ atOnce, tooMany: overloaded }),
  }
}

/**
 * PostgreSQL has undone what lost a race, so it may run again: two changes locked rows in opposite
 * orders, or what one refers to was deleted by the other. The second attempt answers 404 then.
 */
const LOST_RACES = ['40P01', '23503']

/**
 * @param deps.onCommit called after each commit that recorded something, with what it recorded; the
 * result waits for it, and it must not reject. Returns whether nobody acts on what was before any longer
 */
export function createTransact(deps: {
  usual: Transactions
  /** For what takes rights from people. */
  urgent: Transactions
  onCommit: (changes: Change[]) => Promise<boolean>
}): Transact {
  return async (actor, work) => {
    const { db, ofPerson, ofCrowd } = actor.isUrgent ? deps.urgent : deps.usual
    let recorded: Change[] = []
    const transaction = () =>
      db.transaction().execute((tx) => {
        const record = recorder(tx, actor)
        recorded = []
        return onlyOnce(tx, actor, () =>
          work(tx, (change) => {
            recorded.push(change)
            return record(change)
          }),
        )
      })
    const { crowd } = actor
    const inCrowd = crowd === undefined ? transaction : () => ofCrowd(crowd, transaction)
    const attempt = () => ofPerson(turnOf(actor), inCrowd)
    const result = await attempt().catch((error) => {
      if (!LOST_RACES.includes((error as { code?: string }).code ?? '')) throw error
      return attempt()
    })
    if (recorded.length > 0 && !(await deps.onCommit(recorded))) actor.onUnconfirmed?.()
    return result
  }
}

/** In whose turn a change is made. */
function turnOf(actor: Actor | Newcomer): string {
  return actor.userId === undefined ? actor.turn : (actor.turn ?? actor.userId)
}

async function onlyOnce<Result>(
  tx: Database,
  { userId, idempotency }: Actor | Newcomer,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!idempotency) return work()
  const { key, fingerprint } = idempotency
  // Tried rather than awaited: a request must not hold a connection while another works.
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`${userId} ${key}`}, 0)) AS locked
  `.execute(tx)
  if (!rows[0]?.locked) {
    throw new ApiError(
      409,
      'idempotency_in_flight',
      'The first request with this key is still in progress',
    )
  }
  const earlier = await tx
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'body'])
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .executeTakeFirst()
  if (earlier && earlier.fingerprint !== fingerprint) {
    throw new ApiError(422, 'idempotency_key_reused', 'This key belongs to a different request')
  }
  if (earlier) return earlier.body as Result
  const result = await work()
  await tx
    .insertInto('idempotency_keys')
    .values({ user_id: userId, key, fingerprint, body: JSON.stringify(result ?? null) })
    .execute()
  return result
}
