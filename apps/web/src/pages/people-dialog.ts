import type { Membership, Reply, Workspace } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { avatar } from '../ui/avatar.ts'
import { button, iconButton } from '../ui/button.ts'
import { confirmDialog, openDialog } from '../ui/dialog.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { rowText } from '../ui/row.ts'
import { attempt, toast } from '../ui/toast.ts'

type Member = Reply<'GET /api/workspaces/{workspaceId}/members'>['items'][number]
type Role = Member['role']

const ROLE_NAMES: Record<Role, string> = { owner: 'Owner', admin: 'Admin', member: 'Member' }

/** Most people shown; the list of the API has the others. */
const MAX_PEOPLE = 100

/** Live list of a workspace's members and of those who are invited; invite, remove, leave. */
export function openPeopleDialog(app: App, workspace: Workspace): void {
  const { api } = app.client
  const { id: workspaceId } = workspace
  const { can, role: ownRole } = workspace.access
  const members = h('ul', { class: 'rows', 'aria-label': 'Members' })
  const pending = h('ul', { class: 'rows', 'aria-label': 'Invited' })
  const pendingHeading = h('h3', { hidden: true }, 'Invited')

  const remove = async (member: Member) => {
    const answer = await confirmDialog('Remove from this workspace', {
      text: `${isolate(member.name)} will lose access to all boards of this workspace.`,
      action: 'Remove',
      option: 'Also revoke the invites and links by which they could come back',
    })
    if (!answer) return
    const revokeInvites = answer.isOptionChecked
    await api.workspaces.removeMember(workspaceId, member.userId, { revokeInvites }).finally(load)
  }
  const leave = async () => {
    const answer = await confirmDialog('Leave this workspace', {
      text: 'You can come back only if you are invited again.',
      action: 'Leave',
    })
    if (!answer) return
    await api.workspaces.removeMember(workspaceId, app.user.id)
    dialog.close()
    app.navigate(paths.home)
  }
  const memberRow = (member: Member) => {
    const isSelf = member.userId === app.user.id
    return h(
      'li',
      {},
      avatar({ id: member.userId, name: member.name }),
      rowText(h('bdi', {}, member.name), member.email),
      h('span', { class: 'hint' }, ROLE_NAMES[member.role]),
      isSelf
        ? button('Leave', () => attempt(leave), 'quiet')
        : can.manageMembers &&
            iconButton('close', `Remove ${member.name}`, () => attempt(() => remove(member))),
    )
  }
  const pendingRow = ({ id, email, role }: Membership) =>
    h(
      'li',
      {},
      rowText(email, `${ROLE_NAMES[role]}, once they accept`),
      button(
        'Withdraw',
        () => attempt(() => api.workspaces.withdrawMembership(workspaceId, id).finally(load)),
        'quiet',
      ),
    )

  const load = inTurn(async () => {
    const [{ items }, offers] = await Promise.all([
      api.workspaces.members(workspaceId, { limit: MAX_PEOPLE }),
      can.manageMembers
        ? api.workspaces.memberships(workspaceId, { limit: MAX_PEOPLE })
        : undefined,
    ])
    fill(members, ...items.map(memberRow))
    fill(pending, ...(offers?.items ?? []).map(pendingRow))
    pendingHeading.hidden = !offers?.items.length
  })

  const email = h('input', {
    type: 'email',
    required: true,
    maxlength: 255,
    placeholder: 'Email',
    'aria-label': 'Email',
    autocomplete: 'off',
  })
  const roles: Role[] = ownRole === 'owner' ? ['member', 'admin', 'owner'] : ['member', 'admin']
  const role = h(
    'select',
    { 'aria-label': 'Role' },
    ...roles.map((value) => h('option', { value }, ROLE_NAMES[value])),
  )
  const invite = async () => {
    await api.workspaces.addMember(workspaceId, { email: email.value, role: role.value as Role })
    toast('Invited. They become a member when they accept.')
    email.value = ''
    await load()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    attempt(invite)
  }
  const form = h(
    'form',
    { class: 'fields', on: { submit } },
    email,
    role,
    h('button', { class: 'primary' }, 'Invite'),
  )

  const dialog = openDialog(
    'People',
    can.manageMembers && form,
    h('h3', {}, 'Members'),
    members,
    pendingHeading,
    pending,
  )
  attempt(load)

  const events = app.client.events({ workspaceId })
  events.on('members:update', ({ data }) => {
    if (data.boardId === null) attempt(load)
  })
  events.on('memberships:update', () => attempt(load))
  dialog.addEventListener('close', () => events.close())
}
