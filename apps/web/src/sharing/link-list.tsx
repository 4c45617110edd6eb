import { Suspense, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { isolate } from '../ui/isolate.ts'
import { linkText } from './link-text.ts'
import { ListSection, RowText } from './list-section.tsx'
import { roleText } from './roles.ts'
import type { Sharing } from './sharing.ts'
import type { LinkItem, Member } from './use-sharing.ts'

/** The links to a board: revoke them. */
export function LinkList({
  app,
  board,
  reload,
  members,
  links,
}: Sharing & { members: readonly Member[]; links: readonly LinkItem[] }) {
  const messages = useMessages()
  const { text } = messages
  const [revoked, setRevoked] = useState<LinkItem>()
  const makerOf = ({ createdBy }: LinkItem) =>
    createdBy === app.user.id
      ? text('share.you')
      : members.find(({ userId }) => userId === createdBy)?.name
  return (
    <>
      <ListSection title={text('share.links')} items={links}>
        {(link) => (
          <li key={link.id}>
            <RowText more={linkText(link, makerOf(link), messages)}>
              <bdi>{link.label ?? roleText(link.role, messages)}</bdi>
            </RowText>
            <button type="button" className="quiet" onClick={() => setRevoked(link)}>
              {text('share.revoke')}
            </button>
          </li>
        )}
      </ListSection>
      <Suspense fallback={null}>
        {revoked && (
          <ConfirmDialog
            title={text('share.revokeLink.title')}
            action={text('share.revoke')}
            onClose={() => setRevoked(undefined)}
            onConfirm={() => app.client.api.links.revoke(board.id, revoked.id).finally(reload)}
          >
            <p>
              {revoked.label === null
                ? text('share.revokeLink.text')
                : text('share.revokeLink.named', { label: isolate(revoked.label) })}
            </p>
          </ConfirmDialog>
        )}
      </Suspense>
    </>
  )
}
