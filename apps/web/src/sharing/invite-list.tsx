import { useMessages } from '../language/language.ts'
import { endText } from '../ui/end-field.tsx'
import { ListSection, RowText } from './list-section.tsx'
import { roleText } from './roles.ts'
import type { Sharing } from './sharing.ts'
import type { InviteItem } from './use-sharing.ts'

/** The open invites of a board: revoke them. */
export function InviteList({
  app,
  board,
  change,
  invites,
}: Sharing & { invites: readonly InviteItem[] }) {
  const messages = useMessages()
  const { text } = messages
  const usesOf = ({ uses, maxUses }: InviteItem) =>
    maxUses === null
      ? text('share.uses', { count: uses })
      : text('share.usesOf', { count: uses, most: maxUses })
  return (
    <ListSection title={text('share.invites')} items={invites}>
      {(invite) => (
        <li key={invite.id}>
          <RowText more={`${endText(invite.expiresAt, messages)} · ${usesOf(invite)}`}>
            {invite.email === null
              ? roleText(invite.role, messages)
              : `${invite.email} · ${roleText(invite.role, messages)}`}
          </RowText>
          <button
            type="button"
            className="quiet"
            onClick={() => change(() => app.client.api.invites.revoke(board.id, invite.id))}
          >
            {text('share.revoke')}
          </button>
        </li>
      )}
    </ListSection>
  )
}
