import { keyHint } from '@mindfuse/service-kit'
import { displayName } from '../users/presenter.ts'
import type { KeyRow } from './repository.ts'
import type { Key, OwnKey } from './schemas.ts'

/** A key as its workspace sees it. */
export function presentKey(row: KeyRow): Key {
  const { creator_name: name, creator_email: email } = row
  return {
    id: row.id,
    userId: row.user_id,
    name: displayName({ name: row.name, email: null }),
    hint: keyHint(row.id),
    scopes: row.scopes,
    boardIds: row.board_ids,
    createdBy: row.created_by,
    creatorName: row.created_by === null ? null : displayName({ name, email }),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }
}

/** A key as it sees itself. */
export function presentOwnKey(row: KeyRow): OwnKey {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    scopes: row.scopes,
    boardIds: row.board_ids,
    expiresAt: row.expires_at?.toISOString() ?? null,
  }
}
