import { sql } from 'kysely'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { listAccountsByEmail, listAllOfEmail } from '../pending-memberships/repository.ts'
import { withdrawMembership } from '../pending-memberships/withdraw.ts'
import { lockWorkspace } from '../workspaces/repository.ts'

/**
 * Withdraws what is offered to a folded email, deletes invites to it, and removes it from the audit log;
 * nothing of that where another account has it. Call it once the account is deleted.
 */
export async function eraseEmail(tx: Database, record: RecordChange, email: string): Promise<void> {
  if ((await listAccountsByEmail(tx, email)).length > 0) return
  for (const membership of await listAllOfEmail(tx, email)) {
    await lockWorkspace(tx, membership.workspace_id)
    await withdrawMembership(tx, record, { membership, reason: 'account_deleted' })
  }
  // Those that have expired too.
  await tx.deleteFrom('pending_memberships').where('email', '=', email).execute()
  const invites = await tx
    .deleteFrom('board_invites')
    .using('boards')
    .whereRef('boards.id', '=', 'board_invites.board_id')
    .where('board_invites.email', '=', email)
    .returning(['board_invites.id', 'board_invites.board_id', 'boards.workspace_id'])
    .execute()
  for (const { id, board_id: boardId, workspace_id: workspaceId } of invites) {
    const changes = { reason: 'account_deleted' }
    const target = { type: 'invite', id } as const
    await record({ type: 'invite.revoked', workspaceId, boardId, target, changes })
  }
  // Last: what was recorded above names it as well. A literal, by which the index is found.
  await sql`
    UPDATE audit_entries SET changes = changes - 'email'
    WHERE changes ? 'email' AND changes ->> 'email' = ${email}`.execute(tx)
}
