import type { ConnectionState, DenialReason, User } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'

/** Why a board can no longer be used. */
export type Denial = Pick<Extract<ConnectionState, { kind: 'denied' }>, 'reason' | 'code'>

/** What happened, and what to do. */
type Texts = readonly [title: PlainKey, text: PlainKey]

const TEXTS: Record<DenialReason, Texts> = {
  sign_in_required: ['page.signedOut', 'page.signedOut.text'],
  signed_in_as_another: ['page.anotherUser', 'page.anotherUser.text'],
  access_removed: ['denied.access_removed', 'denied.access_removed.text'],
  board_not_found: ['denied.board_not_found', 'denied.board_not_found.text'],
  origin_not_allowed: ['denied.origin_not_allowed', 'denied.origin_not_allowed.text'],
  too_large: ['denied.too_large', 'denied.too_large.text'],
  protocol: ['denied.protocol', 'denied.protocol.text'],
  document_failed: ['denied.document_failed', 'denied.document_failed.text'],
}

/** What differs for guests, who have no account and came by a link. */
const GUEST_TEXTS: Partial<typeof TEXTS> = {
  sign_in_required: ['denied.visitEnded', 'denied.visitEnded.text'],
  access_removed: ['denied.access_removed', 'denied.access_removed.guest'],
}

/** Of a board that was open when it was deleted or moved to the trash. */
const GONE: Texts = ['link.boardGone', 'denied.board_gone.text']

/** What a user reads who can no longer use a board. */
export function textsOfDenial({ reason, code }: Denial, { kind }: Pick<User, 'kind'>): Texts {
  if (code === 'board_gone') return GONE
  return (kind === 'guest' && GUEST_TEXTS[reason]) || TEXTS[reason]
}
