import { displayName } from '../users/presenter.ts'
import type { MembershipRow } from './repository.ts'
import type { Membership } from './schemas.ts'

/** A pending membership. It shows nothing of an account that may have the email. */
export function presentMembership(row: MembershipRow): Membership {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    workspaceName: row.workspace_name,
    kind: row.user_id === null ? 'join' : 'transfer',
    role: row.role,
    email: row.email,
    invitedBy: row.invited_by,
    inviterName: displayName({ name: row.inviter_name, email: row.inviter_email }),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}
