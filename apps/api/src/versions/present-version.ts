import { recordedName } from '../users/presenter.ts'
import type { VersionRow } from './repository.ts'
import type { Version } from './schemas.ts'

/** A version as the API shows it. */
export function presentVersion(row: VersionRow): Version {
  return {
    id: row.id,
    boardId: row.board_id,
    name: row.name,
    kind: row.kind,
    seq: row.seq,
    bytes: row.bytes,
    createdBy: row.created_by,
    creatorName: recordedName({
      known_id: row.creator_id,
      name: row.creator_name,
      email: row.creator_email,
    }),
    createdAt: row.created_at.toISOString(),
  }
}
