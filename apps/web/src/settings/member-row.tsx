import { Suspense, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { isolate, isolateIfNeeded } from '../ui/isolate.ts'
import { MenuButton } from '../ui/menu-button.tsx'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { Select } from '../ui/select.tsx'
import { attempt, toast } from '../ui/toast.ts'
import { useChosen } from '../ui/use-chosen.ts'
import { mayChange, rolesFor } from './roles.ts'
import type { Member, Role, SectionProps } from './section-props.ts'

interface MemberProps extends Omit<SectionProps, 'visit'> {
  member: Member
}

/** A member: what they are, and what can be done with them. */
export function MemberRow(props: MemberProps) {
  const { text } = useMessages()
  const [asked, setAsked] = useState<'remove' | 'transfer'>()
  const { app, workspace, member } = props
  const isSelf = member.userId === app.user.id
  const isTheirs = mayChange(workspace.access, member.role)

  const entries: MenuEntry[] = []
  if (!isSelf && workspace.access.can.transfer) {
    entries.push({ label: text('members.transfer'), onChoose: () => setAsked('transfer') })
  }
  if (!isSelf && isTheirs) {
    const onChoose = () => setAsked('remove')
    entries.push({ label: text('members.remove'), isDangerous: true, onChoose })
  }
  return (
    <li>
      <Avatar person={{ id: member.userId, name: member.name }} />
      <span className="row-text">
        <span>
          <bdi>{member.name}</bdi> {isSelf && <span className="hint">{text('members.you')}</span>}
        </span>
        <span className="hint">{member.email}</span>
      </span>
      {isTheirs ? (
        <RoleSelect {...props} />
      ) : (
        <span className="hint">{text(`role.${member.role}`)}</span>
      )}
      {entries.length > 0 ? (
        <MenuButton
          label={text('members.actions', { name: isolateIfNeeded(member.name) })}
          entries={entries}
        />
      ) : (
        isTheirs && <span className="menu-anchor" />
      )}
      <Suspense fallback={null}>
        {asked && <AskedDialog {...props} asked={asked} onClose={() => setAsked(undefined)} />}
      </Suspense>
    </li>
  )
}

function RoleSelect({ app, workspace, member, reload }: MemberProps) {
  const { text } = useMessages()
  const { workspaces } = app.client.api
  const [role, choose] = useChosen<Role>(member.role, (role) =>
    workspaces.setMemberRole(workspace.id, member.userId, role).finally(reload),
  )
  // Owners have to agree: they stay what they are until they accept.
  const offer = async () => {
    await workspaces.addMember(workspace.id, { email: member.email, role: 'owner' })
    toast(text('members.ownerOffered', { name: isolate(member.name) }))
  }
  return (
    <Select
      label={text('members.role', { name: isolateIfNeeded(member.name) })}
      value={role}
      options={rolesFor(workspace.access.role, member.role).map((value) => ({
        value,
        label: text(`role.${value}`),
      }))}
      onChange={(value) => (value === 'owner' ? attempt(offer) : choose(value))}
    />
  )
}

function AskedDialog({
  app,
  workspace,
  member,
  reload,
  asked,
  onClose,
}: MemberProps & { asked: 'remove' | 'transfer'; onClose: () => void }) {
  const { text } = useMessages()
  const { workspaces } = app.client.api
  const name = isolate(member.name)
  if (asked === 'remove') {
    return (
      <ConfirmDialog
        title={text('members.remove.title')}
        action={text('members.remove')}
        option={text('members.remove.option')}
        onClose={onClose}
        onConfirm={(revokeInvites) =>
          workspaces.removeMember(workspace.id, member.userId, { revokeInvites }).finally(reload)
        }
      >
        <p>{text('members.remove.text', { name })}</p>
      </ConfirmDialog>
    )
  }
  const transfer = async () => {
    await workspaces.transfer(workspace.id, member.userId)
    toast(text('members.transferred', { name }))
  }
  return (
    <ConfirmDialog
      title={text('members.transfer.title')}
      action={text('members.transfer.action')}
      onClose={onClose}
      onConfirm={transfer}
    >
      <p>{text('members.transfer.text', { name })}</p>
    </ConfirmDialog>
  )
}
