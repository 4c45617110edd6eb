import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { isReducedSince } from '../invites/access-reductions.ts'
import { findSessionOwner } from '../sessions/owners.ts'
import { deleteSession } from '../sessions/repository.ts'
import { lockGrantsOf, markMerged, moveGrant } from './repository.ts'

/**
 * Makes a guest the person who signs in with the guest's cookie: what links gave the guest is theirs, and
 * history names them for what the guest drew. What a link gave is lost where the person was removed since.
 *
 * @param token the guest's cookie; nothing happens where it is nobody's
 */
export async function mergeGuest(
  tx: Database,
  record: RecordChange,
  { token, userId }: { token: string | undefined; userId: string },
): Promise<void> {
  const owner = await findSessionOwner(tx, [token])
  if (owner?.user.kind !== 'guest') return
  const { sessionId } = owner
  const guestId = owner.user.id
  const grants = await lockGrantsOf(tx, guestId)
  for (const grant of grants) {
    const { boardId, workspaceId, since } = grant
    const isReduced = await isReducedSince(tx, { userId, workspaceId, boardId, since })
    await moveGrant(tx, grant, { from: guestId, to: isReduced ? undefined : userId })
  }
  await markMerged(tx, { guestId, userId })
  await deleteSession(tx, sessionId)
  const boardIds = [...new Set(grants.map(({ boardId }) => boardId))]
  await record({
    type: 'guest.signed_in',
    workspaceId: null,
    actorId: userId,
    userId,
    target: { type: 'user', id: guestId },
    access: boardIds.length > 0 ? await raiseAccessVersions(tx, { boardIds }) : [],
    sessions: [sessionId],
  })
}
