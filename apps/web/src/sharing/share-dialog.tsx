import type { BoardDetails } from '@mindfuse/client'
import { useMemo, useRef } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { attempt } from '../ui/toast.ts'
import { useChosen } from '../ui/use-chosen.ts'
import { GuestList } from './guest-list.tsx'
import { InviteForm } from './invite-form.tsx'
import { InviteList } from './invite-list.tsx'
import { LinkForm } from './link-form.tsx'
import { LinkList } from './link-list.tsx'
import { MemberList } from './member-list.tsx'
import type { Sharing } from './sharing.ts'
import { useSharing } from './use-sharing.ts'
import { WorkspacePeople } from './workspace-people.tsx'

/** Who has access to a board, and by what: members, guests, links, open invites. */
export default function ShareDialog({
  app,
  board,
  onClose,
}: {
  app: App
  board: BoardDetails
  onClose: () => void
}) {
  const { text } = useMessages()
  const { value: shares, error, reload } = useSharing(app.client, board)
  const sharing = useMemo<Sharing>(() => {
    // After a refusal, show the current state again.
    const change = (action: () => Promise<unknown>) => attempt(() => action().finally(reload))
    return { app, board, reload, change }
  }, [app, board, reload])
  const { can } = board.access
  const emails = useRef<HTMLInputElement>(null)
  return (
    <DialogFrame
      title={text('share.title')}
      {...(can.invite && { initialFocus: emails })}
      onClose={onClose}
    >
      {/* The forms first: what is loaded below them moves no button. */}
      {can.invite && <LinkForm {...sharing} />}
      {can.invite && <InviteForm {...sharing} field={emails} />}
      <ErrorText error={error} />
      {!shares && error === undefined && <p className="hint">{text('boards.loading')}</p>}
      {shares && (
        <>
          <MemberList {...sharing} members={shares.members} />
          {shares.workspace && <WorkspacePeople {...sharing} workspace={shares.workspace} />}
          {can.manageMembers && <BroadcastSetting {...sharing} />}
          <GuestList {...sharing} {...shares} />
          <LinkList {...sharing} {...shares} />
          <InviteList {...sharing} {...shares} />
        </>
      )}
    </DialogFrame>
  )
}

function BroadcastSetting({ app, board }: Sharing) {
  const { text } = useMessages()
  const [isOn, setOn] = useChosen(board.viewersCanBroadcast, (viewersCanBroadcast) =>
    app.client.api.boards.update(board.id, { viewersCanBroadcast }),
  )
  return (
    <label className="setting">
      <input type="checkbox" checked={isOn} onChange={({ target }) => setOn(target.checked)} />
      {text('share.viewersCanBroadcast')}
    </label>
  )
}
