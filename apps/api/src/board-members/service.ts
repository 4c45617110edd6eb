import type { BoardRole } from '@mindfuse/protocol'
import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { canOnBoard } from '../boards/policy.ts'
import type { Actor } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { BY_JOINING, listPage, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { revokeWaysBack } from '../links/orphaned-access.ts'
import { aboveAppUsers, findAppUser } from '../users/app-users.ts'
import { displayName } from '../users/presenter.ts'
import { findUser } from '../users/repository.ts'
import { recordMemberChange } from './record-member-change.ts'
import * as repository from './repository.ts'
import type { BoardMember } from './schemas.ts'

/** A member: by their id, or an app user by what their product calls them. */
export type MemberName = { userId: string } | { externalId: string }

/**
 * Users with a role on a board itself, besides those of its workspace. None of them need be an owner: the
 * owners of the workspace always are.
 */
export interface BoardMemberService {
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<BoardMember>>
  /** @throws ApiError 404 for a user that the actor cannot see, 403 for an app user as an owner */
  put(
    actor: Actor,
    boardId: string,
    who: MemberName,
    role: BoardRole,
  ): Promise<{ member: BoardMember; isNew: boolean }>
  /** Removes a member, and with `revokeInvites` the invites and links by which they could come back. The actor themselves leaves. */
  remove(
    actor: Actor,
    removal: MemberName & { boardId: string; revokeInvites: boolean },
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

    put(actor, boardId, who, role) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'manageMembers')
        const userId = await idOf(tx, board.workspace_id, who)
        const known = await repository.findMember(tx, { boardId, userId })
        // The reply must not reveal whether an id belongs to a person the caller shares nothing with.
        if (!known && !(await repository.isOfWorkspace(tx, board.workspace_id, userId))) {
          throw notFound('user')
        }
        if (role === 'owner') await refuseAppUser(tx, userId)
        if (known?.role === role) return { member: presentMember(known, true), isNew: false }
        await repository.putMember(tx, { boardId, userId, role, invitedBy: actor.userId })
        const type = known ? 'board.member_updated' : 'board.member_added'
        await recordMemberChange(tx, record, {
          ...{ type, actor, board, userId },
          ...{ from: known?.role ?? null, to: role },
        })
        const member = await repository.findMember(tx, { boardId, userId })
        if (!member) throw notFound('user')
        return { member: presentMember(member, true), isNew: !known }
      })
    },

    remove(actor, { boardId, revokeInvites, ...who }) {
      return transact(actor, async (tx, record) => {
        const isLeaving = 'userId' in who && who.userId === actor.userId && !revokeInvites
        const action = isLeaving ? 'read' : 'manageMembers'
        const board = await requireLockedBoard(tx, actor.userId, boardId, action)
        const userId = await idOf(tx, board.workspace_id, who)
        const member = await repository.findMember(tx, { boardId, userId })
        if (!member) throw notFound('member')
        await repository.deleteMember(tx, { boardId, userId })
        const type = 'board.member_removed'
        await recordMemberChange(tx, record, {
          ...{ type, actor, board, userId },
          ...{ from: member.role, to: null },
        })
        if (!revokeInvites) return
        await revokeWaysBack(tx, record, { userId, workspaceId: board.workspace_id, boardId })
      })
    },
  }
}

/** @throws ApiError 404 for an app user that the workspace's product never named */
async function idOf(tx: Database, workspaceId: string, who: MemberName): Promise<string> {
  if ('userId' in who) return who.userId
  const appUser = await findAppUser(tx, workspaceId, who.externalId)
  if (!appUser) throw notFound('user')
  return appUser.id
}

/** @throws ApiError 403 for an app user: who owns boards is somebody whom this installation knows */
async function refuseAppUser(tx: Database, userId: string): Promise<void> {
  const user = await findUser(tx, userId)
  if (user?.kind === 'app_user') throw aboveAppUsers()
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
