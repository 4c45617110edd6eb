import type { Reply } from '@mindfuse/client'
import { endText } from '../ui/end-field.ts'
import { ROLE_NAMES } from './roles.ts'

/** A link in the list of those who share the board. */
export type LinkItem = Reply<'GET /api/boards/{boardId}/links'>['items'][number]

/** What a link gives, and until when: "Can edit · Ends 12/24/2026 · password · uses: 3 · by you". */
export function linkText(
  link: Pick<LinkItem, 'role' | 'label' | 'expiresAt' | 'hasPassword' | 'uses'>,
  maker: string | undefined,
): string {
  const { role, label, expiresAt, hasPassword, uses } = link
  return [
    // Without a label, the role is what the link is called.
    label !== null && ROLE_NAMES[role],
    endText(expiresAt),
    hasPassword && 'password',
    `uses: ${uses}`,
    maker !== undefined && `by ${maker}`,
  ]
    .filter((part) => part !== false)
    .join(' · ')
}
