import type { EventType } from '@mindfuse/internal'
import type { Change, RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { listAccountsByEmail, type MembershipRow } from './repository.ts'

/**
 * Records what happened to a pending membership, for its workspace and the people it is offered to.
 * Their accounts are looked up whether there are any or not, so that an offer takes as long.
 */
export async function recordMembership(
  tx: Database,
  record: RecordChange,
  change: Pick<Change, 'isPrivate'> & {
    type: EventType & `membership.${string}`
    membership: MembershipRow
    reason?: string
  },
): Promise<void> {
  const { type, membership, reason, isPrivate } = change
  const { id, workspace_id: workspaceId, user_id: heir, email, role } = membership
  await record({
    type,
    workspaceId,
    target: { type: 'membership', id },
    formerMembers: heir === null ? await listAccountsByEmail(tx, email) : [heir],
    changes: {
      ...(heir === null ? { email, role } : { ownerId: heir }),
      ...(reason !== undefined && { reason }),
    },
    ...(isPrivate && { isPrivate }),
  })
}
