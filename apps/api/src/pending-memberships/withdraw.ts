import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { recordMembership } from './record-membership.ts'
import { deleteMembership, type MembershipRow } from './repository.ts'

/** Withdraws a pending membership whose ground is gone. The workspace must be locked. */
export async function withdrawMembership(
  tx: Database,
  record: RecordChange,
  { membership, reason }: { membership: MembershipRow; reason: string },
): Promise<void> {
  await deleteMembership(tx, membership.id)
  await recordMembership(tx, record, { type: 'membership.withdrawn', membership, reason })
}
