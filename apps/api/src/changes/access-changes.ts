import { type AccessChanges, MAX_ACCESS_CHANGES } from '@mindfuse/internal'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { EventData } from '../db/schema.ts'
import { accessOf } from './event-data.ts'

/** How far back changes are looked for, in numbers of events: most of these change no access. */
const MAX_DISTANCE = 10_000

/** Whether an event changed who may do what. */
const CHANGES_ACCESS = sql`(
  data->'access' <> '[]' OR data->'sessions' <> '[]' OR data->'places' <> '[]')`

interface Row {
  up_to: number
  incarnation: string | null
  data: EventData | null
}

/**
 * What changed who may do what since an event, in one snapshot: numbers become visible in their order,
 * so none up to the newest is missing. Changes that are committed and not numbered yet come too.
 *
 * @param after the number of an event; undefined where the caller knows of none
 */
export async function readAccessChanges(
  db: Database,
  after: number | undefined,
): Promise<AccessChanges> {
  const { rows } = await sql<Row>`
    WITH newest AS MATERIALIZED (
      SELECT coalesce(max(seq), 0) AS seq, database_incarnation() AS incarnation FROM events
    )
    SELECT newest.seq AS up_to, newest.incarnation, changed.data
    FROM newest
    LEFT JOIN LATERAL (
      (SELECT data FROM events
        WHERE seq > greatest(${after ?? Number.MAX_SAFE_INTEGER}::bigint, newest.seq - ${MAX_DISTANCE})
          AND ${CHANGES_ACCESS}
        ORDER BY seq LIMIT ${MAX_ACCESS_CHANGES + 1})
      UNION ALL
      (SELECT data FROM events
        WHERE published_at IS NULL AND seq IS NULL
          AND ${CHANGES_ACCESS}
        LIMIT ${MAX_ACCESS_CHANGES + 1})
    ) AS changed ON true`.execute(db)
  const upTo = rows[0]?.up_to ?? 0
  const changes = rows.flatMap(({ data }) => data ?? [])
  const versions = new Map<string, number>()
  for (const { boardId, version } of changes.flatMap(accessOf)) {
    versions.set(boardId, Math.max(version, versions.get(boardId) ?? 0))
  }
  const access = Array.from(versions, ([boardId, version]) => ({ boardId, version }))
  const sessions = [...new Set(changes.flatMap((change) => change.sessions))]
  const isComplete =
    after !== undefined &&
    // Greater than the newest where the database went back.
    after <= upTo &&
    upTo - after <= MAX_DISTANCE &&
    access.length + sessions.length <= MAX_ACCESS_CHANGES &&
    changes.length <= MAX_ACCESS_CHANGES
  const incarnation = rows[0]?.incarnation
  const here = { kind: 'changes', upTo, ...(incarnation && { incarnation }) } as const
  if (!isComplete) return { ...here, after: null, access: [], sessions: [] }
  return { ...here, after, access, sessions }
}
