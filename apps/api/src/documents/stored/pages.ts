import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { PackedUpdates } from '../worker/packed-updates.ts'

const EMPTY_UPDATE = Uint8Array.of(0, 0)

/** Most updates, and most bytes of them, that are read at a time. */
const PAGE_UPDATES = 10_000
const PAGE_BYTES = 256 * 1024

/**
 * Bytes of a snapshot, a version or a large update that are read at a time. The driver decodes
 * what it reads in one go, and that must not hold up everything else.
 */
const CHUNK_BYTES = 256 * 1024

/** Updates of a board, oldest first, in pages. */
export async function* readUpdates(
  db: Database,
  boardId: string,
  range: { after: number; upTo: number },
): AsyncGenerator<PackedUpdates> {
  const { upTo } = range
  let after = range.after
  while (after < upTo) {
    const page =
      (await readPage(db, boardId, { after, upTo })) ??
      (await readLarge(db, boardId, { after, upTo }))
    const last = page?.seqs.at(-1)
    if (!page || last === undefined) return
    after = last
    yield page
  }
}

/**
 * A page of updates, put one after the other by the database: a row each would cost the driver,
 * and with it the event loop, many times as much. Undefined where none is left or the next is
 * larger than a page. Their lengths are read without their bytes.
 */
async function readPage(
  db: Database,
  boardId: string,
  { after, upTo }: { after: number; upTo: number },
): Promise<PackedUpdates | undefined> {
  const { rows } = await sql<{ seqs: string | null; sizes: string; bytes: Buffer }>`
    SELECT string_agg(seq::text, ',' ORDER BY seq) AS seqs,
      string_agg(size::text, ',' ORDER BY seq) AS sizes,
      string_agg(update, ''::bytea ORDER BY seq) AS bytes
    FROM (
      SELECT seq, update, octet_length(update) AS size,
        sum(octet_length(update)) OVER (ORDER BY seq) AS end_at
      FROM (
        SELECT seq, update FROM board_updates
        WHERE board_id = ${boardId} AND seq > ${after} AND seq <= ${upTo}
        ORDER BY seq LIMIT ${PAGE_UPDATES}
      ) AS next
    ) AS page
    WHERE end_at <= ${PAGE_BYTES}::int`.execute(db)
  const [row] = rows
  if (!row?.seqs) return undefined
  const bytes = new Uint8Array(row.bytes)
  return { seqs: row.seqs.split(',').map(Number), sizes: row.sizes.split(',').map(Number), bytes }
}

/** The next update, in chunks. */
async function readLarge(
  db: Database,
  boardId: string,
  { after, upTo }: { after: number; upTo: number },
): Promise<PackedUpdates | undefined> {
  const { rows } = await sql<{ seq: number; size: number }>`
    SELECT seq, octet_length(update) AS size FROM board_updates
    WHERE board_id = ${boardId} AND seq > ${after} AND seq <= ${upTo}
    ORDER BY seq LIMIT 1`.execute(db)
  const [next] = rows
  if (!next) return undefined
  const chunks = readChunks(next.size, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(update FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_updates WHERE board_id = ${boardId} AND seq = ${next.seq}`.execute(db)
    return rows[0]?.chunk
  })
  try {
    const bytes = await collect(chunks, next.size)
    return { seqs: [next.seq], sizes: [next.size], bytes }
  } catch (error) {
    if (!(error instanceof StoredMovedError)) throw error
    // Gone into quarantine meanwhile: an empty update takes its place.
    return { seqs: [next.seq], sizes: [EMPTY_UPDATE.length], bytes: EMPTY_UPDATE.slice() }
  }
}

/** Something was replaced or deleted while it was read. */
export class StoredMovedError extends Error {
  override name = 'StoredMovedError'
}

/**
 * The snapshot as of `snapshotSeq`, in chunks.
 * @throws StoredMovedError where another has taken its place
 */
export function readSnapshot(
  db: Database,
  boardId: string,
  { snapshotSeq, snapshotBytes }: { snapshotSeq: number; snapshotBytes: number },
): AsyncGenerator<Uint8Array> {
  return readChunks(snapshotBytes, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(snapshot FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_documents
      WHERE board_id = ${boardId} AND snapshot_seq = ${snapshotSeq}`.execute(db)
    return rows[0]?.chunk
  })
}

/**
 * The state of a version, in chunks.
 * @throws StoredMovedError where it is gone
 */
export function readVersionState(
  db: Database,
  versionId: string,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  return readChunks(bytes, async (from, length) => {
    const { rows } = await sql<{ chunk: Buffer }>`
      SELECT substring(state FROM ${from}::int FOR ${length}::int) AS chunk
      FROM board_versions WHERE id = ${versionId}`.execute(db)
    return rows[0]?.chunk
  })
}

/** Chunks in one piece. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size)
  let offset = 0
  for await (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

/** @param readChunk reads from a place, counted from 1; undefined where it is gone */
async function* readChunks(
  size: number,
  readChunk: (from: number, length: number) => Promise<Buffer | undefined>,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    const chunk = await readChunk(offset + 1, CHUNK_BYTES)
    // Shorter than it was, so no longer the same bytes.
    if (chunk?.length !== Math.min(CHUNK_BYTES, size - offset)) throw new StoredMovedError()
    yield chunk
  }
}
