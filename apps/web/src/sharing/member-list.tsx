import { Suspense, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { isolate, isolateIfNeeded } from '../ui/isolate.ts'
import { Select } from '../ui/select.tsx'
import { toast } from '../ui/toast.ts'
import { useChosen } from '../ui/use-chosen.ts'
import { ListSection, RowText } from './list-section.tsx'
import { ROLES, type Role, roleOptions, roleText } from './roles.ts'
import type { Sharing } from './sharing.ts'
import type { Member } from './use-sharing.ts'

/** The members of a board: change roles, remove people. */
export function MemberList({ members, ...sharing }: Sharing & { members: readonly Member[] }) {
  const { text } = useMessages()
  const [removed, setRemoved] = useState<Member>()
  return (
    <>
      <ListSection title={text('share.people')} label={text('share.members')} items={members}>
        {(member) => (
          <MemberRow
            {...sharing}
            key={member.userId}
            member={member}
            onRemove={() => setRemoved(member)}
          />
        )}
      </ListSection>
      <Suspense fallback={null}>
        {removed && (
          <RemoveDialog {...sharing} member={removed} onClose={() => setRemoved(undefined)} />
        )}
      </Suspense>
    </>
  )
}

function MemberRow({
  app,
  board,
  change,
  member,
  onRemove,
}: Sharing & { member: Member; onRemove: () => void }) {
  const messages = useMessages()
  const { text } = messages
  const { userId, name, email, role } = member
  const isSelf = userId === app.user.id
  const isManaged = board.access.can.manageMembers && !isSelf
  const [shown, choose] = useChosen<Role>(role, async (wanted) =>
    change(() => app.client.api.boards.setMemberRole(board.id, userId, wanted)),
  )
  return (
    <li>
      <Avatar person={{ id: userId, name }} />
      <RowText more={email}>
        <bdi>{name}</bdi>
        {isSelf && ` ${text('share.self')}`}
      </RowText>
      {isManaged ? (
        <Select
          label={text('share.roleOf', { name: isolateIfNeeded(name) })}
          value={shown}
          options={roleOptions(ROLES, messages)}
          onChange={choose}
        />
      ) : (
        <span className="hint">{roleText(role, messages)}</span>
      )}
      {isManaged && (
        <IconButton
          icon="close"
          label={text('share.remove', { name: isolateIfNeeded(name) })}
          onClick={onRemove}
        />
      )}
    </li>
  )
}

function RemoveDialog({
  app,
  board,
  reload,
  member: { userId, name },
  onClose,
}: Sharing & { member: Member; onClose: () => void }) {
  const { text } = useMessages()
  const named = { name: isolate(name) }
  const remove = async (revokeInvites: boolean) => {
    await app.client.api.boards.removeMember(board.id, userId, { revokeInvites }).finally(reload)
    toast(text('share.removed', named))
  }
  return (
    <ConfirmDialog
      title={text('share.remove.title')}
      action={text('share.remove.action')}
      option={text('share.remove.option')}
      onClose={onClose}
      onConfirm={remove}
    >
      <p>{text('share.remove.text', named)}</p>
    </ConfirmDialog>
  )
}
