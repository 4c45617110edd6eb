import type { Reply } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'

/** Something that was done in a workspace. */
export type AuditEntry = Reply<'GET /api/workspaces/{workspaceId}/audit'>['items'][number]

/** What can be done. */
export type AuditAction = AuditEntry['action']

/** What each action is called. */
export const ACTIONS: Record<AuditAction, PlainKey> = {
  'workspace.created': 'audit.workspace.created',
  'workspace.updated': 'audit.workspace.updated',
  'workspace.deleted': 'audit.workspace.deleted',
  'workspace.member_added': 'audit.workspace.member_added',
  'workspace.member_updated': 'audit.workspace.member_updated',
  'workspace.member_removed': 'audit.workspace.member_removed',
  'membership.offered': 'audit.membership.offered',
  'membership.withdrawn': 'audit.membership.withdrawn',
  'membership.accepted': 'audit.membership.accepted',
  'membership.declined': 'audit.membership.declined',
  'board.created': 'audit.board.created',
  'board.updated': 'audit.board.updated',
  'board.moved': 'audit.board.moved',
  'board.trashed': 'audit.board.trashed',
  'board.restored': 'audit.board.restored',
  'board.deleted': 'audit.board.deleted',
  'board.document_changed': 'audit.board.document_changed',
  'board.member_added': 'audit.board.member_added',
  'board.member_updated': 'audit.board.member_updated',
  'board.member_removed': 'audit.board.member_removed',
  'invite.created': 'audit.invite.created',
  'invite.revoked': 'audit.invite.revoked',
  'invite.accepted': 'audit.invite.accepted',
  'link.created': 'audit.link.created',
  'link.opened': 'audit.link.opened',
  'link.revoked': 'audit.link.revoked',
  'link.expired': 'audit.link.expired',
  'guest.removed': 'audit.guest.removed',
  'guest.signed_in': 'audit.guest.signed_in',
  'version.created': 'audit.version.created',
  'version.deleted': 'audit.version.deleted',
  'asset.added': 'audit.asset.added',
  'asset.removed': 'audit.asset.removed',
  'key.created': 'audit.key.created',
  'key.revoked': 'audit.key.revoked',
  'session.revoked': 'audit.session.revoked',
  'user.updated': 'audit.user.updated',
  'user.deleted': 'audit.user.deleted',
}

/** Those of accounts, which are in the audit log of no workspace. */
const OF_ACCOUNTS: readonly AuditAction[] = ['session.revoked', 'user.updated', 'user.deleted']

/** Those that can be looked for. */
export const SEARCHED_ACTIONS = (Object.keys(ACTIONS) as AuditAction[]).filter(
  (action) => !OF_ACCOUNTS.includes(action),
)
