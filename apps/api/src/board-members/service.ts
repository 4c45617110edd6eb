import type { EventType } from '@mindfuse/internal'
import type { BoardRole } from '@mindfuse/protocol'
import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { canOnBoard } from '../boards/policy.ts'
import type { BoardRow } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { BY_JOINING, listPage, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { recordReduction, takeBackGrants } from '../invites/access-reductions.ts'
import { isAtLeast } from '../invites/policy.ts'
import { revokeOrphaned, revokeWaysBack } from '../links/orphaned-access.ts'
import { displayName } from '../users/presenter.ts'
import * as repository from './repository.ts'
import type { BoardMember } from './schemas.ts'

/**
 * Users with a role on a board itself, besides those of its workspace. None of them need be an owner: the
 * owners of the workspace always are.
 */
export interface BoardMemberService {
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<BoardMember>>
  /** @throws ApiError 404 for a user that the actor cannot see */
  put(
    actor: Actor,
    boardId: string,
    userId: string,
    role: BoardRole,
  ): Promise<{ member: BoardMember; isNew: boolean }>
  /** Removes a member, and with `revokeInvites` the invites and links by which they could come back. The actor themselves leaves. */
  remove(
    actor: Actor,
    removal: { boardId: string; userId: string; revokeInvites: boolean },
  ): Promise<void>
}

/** Board members as rows of Postgres. */
export function createBoardMemberService({
  db,
  transact,
}: Pick<Infrastructure, 'db' | 'transact'>): BoardMemberService {
  return {
    list(userId, boardId, query) {
      let showsEmails = false
      return listPage(query, {
        ...BY_JOINING,
        async read(page) {
          const { role } = await requireBoard(db, userId, boardId, 'read')
          showsEmails = canOnBoard(role, 'manageMembers')
          return repository.listMembers(db, boardId, page)
        },
        present: (row) => presentMember(row, showsEmails),
      })
    },

    put(actor, boardId, userId, role) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'manageMembers')
        const known = await repository.findMember(tx, { boardId, userId })
        // The reply must not reveal whether an id belongs to a person the caller shares nothing with.
        if (!known && !(await repository.isInWorkspace(tx, board.workspace_id, userId))) {
          throw notFound('user')
        }
        if (known?.role === role) return { member: presentMember(known, true), isNew: false }
        await repository.putMember(tx, { boardId, userId, role, invitedBy: actor.userId })
        const type = known ? 'board.member_updated' : 'board.member_added'
        await recordChange(tx, record, {
          ...{ type, actor, board, userId },
          ...{ from: known?.role ?? null, to: role },
        })
        const member = await repository.findMember(tx, { boardId, userId })
        if (!member) throw notFound('user')
        return { member: presentMember(member, true), isNew: !known }
      })
    },

    remove(actor, { boardId, userId, revokeInvites }) {
      return transact(actor, async (tx, record) => {
        const isLeaving = userId === actor.userId && !revokeInvites
        const action = isLeaving ? 'read' : 'manageMembers'
        const board = await requireLockedBoard(tx, actor.userId, boardId, action)
        const member = await repository.findMember(tx, { boardId, userId })
        if (!member) throw notFound('member')
        await repository.deleteMember(tx, { boardId, userId })
        const type = 'board.member_removed'
        await recordChange(tx, record, {
          ...{ type, actor, board, userId },
          ...{ from: member.role, to: null },
        })
        if (!revokeInvites) return
        await revokeWaysBack(tx, record, { userId, workspaceId: board.workspace_id, boardId })
      })
    },
  }
}

async function recordChange(
  tx: Database,
  record: RecordChange,
  change: {
    type: EventType
    actor: Actor
    board: BoardRow
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

/** A member as people on the board see them; those who manage them see emails, too. */
export function presentMember(row: repository.BoardMemberRow, withEmail: boolean): BoardMember {
  return {
    userId: row.user_id,
    email: withEmail ? row.email : null,
    name: displayName(row),
    avatarUrl: row.avatar_url,
    role: row.role,
    invitedBy: row.invited_by,
    joinedAt: row.joined_at.toISOString(),
  }
}
