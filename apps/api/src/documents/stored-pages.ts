import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { NumberedUpdate } from './worker/packed-updates.ts'

/** Most updates, and about how many bytes of them, that are read at a time. */
const PAGE_UPDATES = 2_000
const PAGE_BYTES = 1024 * 1024

/**
 * Bytes of a snapshot, a version or a large update that are read at a time. The driver decodes
 * what it reads in one go, and that must not hold up everything else.
 */
const CHUNK_BYTES = 1024 * 1024

/** Updates of a board, oldest first, in pages. */
export async function* readUpdates(
  db: Database,
  boardId: string,
  range: { after: number; upTo: number },
): AsyncGenerator<NumberedUpdate[]> {
  let after = range.after
  for (;;) {
    const rows = await findPage(db, boardId, { after, upTo: range.upTo })
    const page: NumberedUpdate[] = []
    for (const { seq, size, update } of rows) {
      const whole = update ?? (await readUpdate(db, boardId, seq, size))
      if (whole) page.push({ seq, update: whole })
    }
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
    yield page
  }
}

/** A page of updates; large ones without their bytes. The lengths cost no look at the bytes. */
async function findPage(
  db: Database,
  boardId: string,
  { after, upTo }: { after: number; upTo: number },
): Promise<{ seq: number; size: number; update: Buffer | null }[]> {
  const { rows } = await sql<{ seq: number; size: number; update: Buffer | null }>`
    SELECT seq, size, CASE WHEN size <= ${CHUNK_BYTES}::int THEN update END AS update
    FROM (
      SELECT seq, update, octet_length(update) AS size,
        sum(octet_length(update)) OVER (ORDER BY seq) - octet_length(update) AS before
      FROM (
        SELECT seq, update FROM board_updates
        WHERE board_id = ${boardId} AND seq > ${after} AND seq <= ${upTo}
        ORDER BY seq LIMIT ${PAGE_UPDATES}
      ) AS next
    ) AS page
    WHERE before < ${PAGE_BYTES}::int
    ORDER BY seq`.execute(db)
  return rows
}

function readUpdate(db: Database, boardId: string, seq: number, size: number) {
  return readInChunks(size, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(update FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_updates WHERE board_id = ${boardId} AND seq = ${seq}`.execute(db)
    return rows[0]?.chunk
  })
}

/** The snapshot as of `snapshotSeq`, or undefined where another has taken its place. */
export function readSnapshot(
  db: Database,
  boardId: string,
  { snapshotSeq, snapshotBytes }: { snapshotSeq: number; snapshotBytes: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return readInChunks(snapshotBytes, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(snapshot FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_documents
      WHERE board_id = ${boardId} AND snapshot_seq = ${snapshotSeq}`.execute(db)
    return rows[0]?.chunk
  })
}

/** The state of a version, or undefined where it is gone. */
export function readVersionState(
  db: Database,
  versionId: string,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return readInChunks(bytes, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(state FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_versions WHERE id = ${versionId}`.execute(db)
    return rows[0]?.chunk
  })
}

/** @param readChunk reads from a place, counted from 1; undefined where it is gone */
async function readInChunks(
  size: number,
  readChunk: (from: number, length: number) => Promise<Buffer | undefined>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(size)
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    const chunk = await readChunk(offset + 1, CHUNK_BYTES)
    // Shorter than it was: not the same bytes any more.
    if (chunk?.length !== Math.min(CHUNK_BYTES, size - offset)) return undefined
    bytes.set(chunk, offset)
  }
  return bytes
}
