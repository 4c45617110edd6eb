import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import { notFound } from '../http/errors.ts'
import { listPage, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { recordReduction, takeBackGrants } from '../invites/access-reductions.ts'
import { displayName } from '../users/presenter.ts'
import { type GuestRow, listGuests } from './repository.ts'
import type { Guest } from './schemas.ts'

/** Those who came to a board by links, people with an account too. For those who manage its members. */
export interface GuestService {
  /** Who came last first. */
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<Guest>>
  /** Takes back what links gave somebody; no link that was made before lets them in again. */
  remove(actor: Actor, guest: { boardId: string; userId: string }): Promise<void>
}

/** Guests as rows of PostgreSQL. */
export function createGuestService({
  db,
  transact,
}: Pick<Infrastructure, 'db' | 'transact'>): GuestService {
  return {
    list: (userId, boardId, query) =>
      listPage(query, {
        sort: '-openedAt',
        async read(page) {
          await requireBoard(db, userId, boardId, 'manageMembers')
          return listGuests(db, boardId, page)
        },
        position: ({ opened_at, id }) => ({ after: opened_at.toISOString(), id }),
        present: presentGuest,
      }),

    remove(actor, { boardId, userId }) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'manageMembers')
        const workspaceId = board.workspace_id
        const place = { userId, workspaceId, boardId }
        if ((await takeBackGrants(tx, place)) === 0) throw notFound('guest')
        await record({
          type: 'guest.removed',
          workspaceId,
          boardId,
          userId,
          target: { type: 'user', id: userId },
          access: await raiseAccessVersions(tx, { boardIds: [boardId] }),
        })
        await recordReduction(tx, place)
      })
    },
  }
}

function presentGuest(row: GuestRow): Guest {
  return {
    userId: row.user_id,
    name: displayName(row),
    kind: row.kind,
    linkId: row.link_id,
    role: row.role === 'nameless' ? 'viewer' : row.role,
    openedAt: row.opened_at.toISOString(),
  }
}
