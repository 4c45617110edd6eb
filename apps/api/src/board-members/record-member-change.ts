import type { EventType } from '@mindfuse/internal'
import type { BoardRole } from '@mindfuse/protocol'
import type { BoardRow } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { recordReduction, takeBackGrants } from '../invites/access-reductions.ts'
import { isAtLeast } from '../invites/policy.ts'
import { revokeOrphaned } from '../links/orphaned-access.ts'

/** Records that a user's role on a board changed, or was removed. */
export async function recordMemberChange(
  tx: Database,
  record: RecordChange,
  change: {
    type: EventType
    actor: Actor
    board: Pick<BoardRow, 'id' | 'workspace_id'>
    userId: string
    from: BoardRole | null
    to: BoardRole | null
  },
): Promise<void> {
  const { type, actor, board, userId, from, to } = change
  const access = await raiseAccessVersions(tx, { boardIds: [board.id] })
  const { id: boardId, workspace_id: workspaceId } = board
  await record({
    type,
    workspaceId,
    boardId,
    userId,
    target: { type: 'user', id: userId },
    changes: { ...(to && { role: to }), ...(from && { formerRole: from }) },
    access,
  })
  await revokeOrphaned(tx, record, { userId, workspaceId, boardId })
  if (to === null) await takeBackGrants(tx, { userId, workspaceId, boardId })
  const isReduced = from !== null && (to === null || !isAtLeast(to, from))
  if (isReduced && userId !== actor.userId) {
    await recordReduction(tx, { userId, workspaceId, boardId })
  }
}
