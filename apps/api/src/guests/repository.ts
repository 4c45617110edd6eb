import type { LinkRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { LinkGrant } from '../boards/policy.ts'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { UserRow } from '../users/repository.ts'

/** What a link gave somebody. */
export interface GuestRow extends Pick<UserRow, 'kind' | 'name' | 'email'> {
  id: string
  user_id: string
  link_id: string
  role: LinkGrant
  opened_at: Date
}

/** Who came to a board by a link that lives, who came last first. Twice who came by two. */
export function listGuests(db: Database, boardId: string, page: KeysetPage): Promise<GuestRow[]> {
  const guests = db
    .selectFrom('link_grants')
    .innerJoin('users', 'users.id', 'user_id')
    .select(['link_grants.id', 'user_id', 'link_id', 'role', 'opened_at', 'kind', 'name', 'email'])
    .where('board_id', '=', boardId)
  return pageOf(guests, page, byTime('opened_at', 'link_grants.id', 'desc')).execute()
}

/** What a link gave a guest, and where. */
export interface GuestGrant {
  boardId: string
  workspaceId: string
  linkId: string
  /** The link's role. */
  role: LinkRole
  /** When the link was made. */
  since: Date
}

/** What links gave a guest, after locking the boards, in an order that is the same for all who do. */
export async function lockGrantsOf(tx: Database, guestId: string): Promise<GuestGrant[]> {
  const boards = tx.selectFrom('link_grants').select('board_id').where('user_id', '=', guestId)
  await tx
    .selectFrom('boards')
    .select('id')
    .where('id', 'in', boards)
    .orderBy('id')
    .forUpdate()
    .execute()
  return tx
    .selectFrom('link_grants')
    .innerJoin('board_links', 'board_links.id', 'link_id')
    .innerJoin('boards', 'boards.id', 'link_grants.board_id')
    .select([
      'boards.id as boardId',
      'boards.workspace_id as workspaceId',
      'board_links.id as linkId',
      'board_links.role',
      'board_links.created_at as since',
    ])
    .where('user_id', '=', guestId)
    .execute()
}

/** Takes what a link gave a guest, and gives it to a person, if there is one to give it to. */
export async function moveGrant(
  tx: Database,
  { boardId, linkId, role }: GuestGrant,
  { from, to }: { from: string; to: string | undefined },
): Promise<void> {
  const { opened_at } = await tx
    .deleteFrom('link_grants')
    .where('user_id', '=', from)
    .where('link_id', '=', linkId)
    .returning('opened_at')
    .executeTakeFirstOrThrow()
  if (to === undefined) return
  await tx
    .insertInto('link_grants')
    .values({ user_id: to, board_id: boardId, link_id: linkId, role, as_guest: false, opened_at })
    .onConflict((conflict) => conflict.columns(['user_id', 'board_id', 'link_id']).doNothing())
    .execute()
}

/** Notes that a guest is a person. */
export async function markMerged(
  tx: Database,
  merged: { guestId: string; userId: string },
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ merged_into: merged.userId, updated_at: sql<Date>`now()` })
    .where('id', '=', merged.guestId)
    .execute()
}
