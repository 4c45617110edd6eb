import { Suspense, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { isolate, isolateIfNeeded } from '../ui/isolate.ts'
import { kindName } from '../ui/kinds.ts'
import { toast } from '../ui/toast.ts'
import { ListSection, RowText } from './list-section.tsx'
import { roleText } from './roles.ts'
import type { Sharing } from './sharing.ts'
import type { Guest, LinkItem } from './use-sharing.ts'

interface GuestProps extends Sharing {
  links: readonly LinkItem[]
}

/** Those who came to a board by links: remove them. */
export function GuestList({ guests, ...props }: GuestProps & { guests: readonly Guest[] }) {
  const messages = useMessages()
  const { text } = messages
  const [removed, setRemoved] = useState<Guest>()
  return (
    <>
      <ListSection title={text('share.guests')} items={guests}>
        {(guest) => (
          <li key={guest.userId}>
            <Avatar person={{ ...guest, id: guest.userId }} />
            <RowText more={kindName(guest)}>
              <bdi>{guest.name}</bdi>
            </RowText>
            <span className="hint">{roleText(guest.role, messages)}</span>
            <IconButton
              icon="close"
              label={text('share.remove', { name: isolateIfNeeded(guest.name) })}
              onClick={() => setRemoved(guest)}
            />
          </li>
        )}
      </ListSection>
      <Suspense fallback={null}>
        {removed && (
          <RemoveDialog {...props} guest={removed} onClose={() => setRemoved(undefined)} />
        )}
      </Suspense>
    </>
  )
}

/** Without an account they could come back by the same link, as another guest. */
function RemoveDialog({
  app,
  board,
  reload,
  links,
  guest: { userId, name, linkId },
  onClose,
}: GuestProps & { guest: Guest; onClose: () => void }) {
  const { text } = useMessages()
  const api = app.client.api.links
  const link = links.find(({ id }) => id === linkId)
  const named = { name: isolate(name) }
  const remove = async (withLink: boolean) => {
    try {
      await api.removeGuest(board.id, userId)
      if (withLink) await api.revoke(board.id, linkId)
    } finally {
      reload()
    }
    toast(text('share.removed', named))
  }
  return (
    <ConfirmDialog
      title={text('share.remove.title')}
      action={text('share.remove.action')}
      {...(link && { option: text('share.removeGuest.option') })}
      onClose={onClose}
      onConfirm={remove}
    >
      <p>{text(link ? 'share.removeGuest.text' : 'share.remove.text', named)}</p>
    </ConfirmDialog>
  )
}
