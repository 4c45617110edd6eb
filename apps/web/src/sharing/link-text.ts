import type { Messages } from '../language/messages.ts'
import { endText } from '../ui/end-field.tsx'
import { isolateIfNeeded } from '../ui/isolate.ts'
import { roleText } from './roles.ts'
import type { LinkItem } from './use-sharing.ts'

/** What a link gives, and until when: "Can edit · Ends 12/24/2026 · password · uses: 3 · by you". */
export function linkText(
  link: Pick<LinkItem, 'role' | 'label' | 'expiresAt' | 'hasPassword' | 'uses'>,
  maker: string | undefined,
  messages: Messages,
): string {
  const { text } = messages
  const { role, label, expiresAt, hasPassword, uses } = link
  return [
    // Without a label, the role is what the link is called.
    label !== null && roleText(role, messages),
    endText(expiresAt, messages),
    hasPassword && text('share.hasPassword'),
    text('share.uses', { count: uses }),
    maker !== undefined && text('share.by', { name: isolateIfNeeded(maker) }),
  ]
    .filter((part) => part !== false)
    .join(' · ')
}
