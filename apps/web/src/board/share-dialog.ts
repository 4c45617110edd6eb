import type { BoardDetails, Reply } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { avatar } from '../ui/avatar.ts'
import { button, iconButton } from '../ui/button.ts'
import { confirmDialog, openDialog } from '../ui/dialog.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { attempt, toast } from '../ui/toast.ts'

type Member = Reply<'GET /api/boards/{boardId}/members'>['items'][number]
type Invite = Reply<'GET /api/boards/{boardId}/invites'>['items'][number]
type Role = BoardDetails['access']['role']
type LinkRole = Exclude<Role, 'owner'>

const LINK_ROLES: readonly LinkRole[] = ['editor', 'commenter', 'viewer']
const MEMBER_ROLES: readonly Role[] = ['owner', ...LINK_ROLES]

const ROLE_NAMES: Record<Role, string> = {
  owner: 'Owner',
  editor: 'Can edit',
  commenter: 'Can comment',
  viewer: 'Can view',
}

/** Live lists of members and open invites: create links, change roles, remove people. */
export function openShareDialog(app: App, board: BoardDetails): void {
  const { api } = app.client
  const { can } = board.access
  const linkBox = h('div', { class: 'invite-link' })
  const members = h('ul', { class: 'rows', 'aria-label': 'Members' })
  const invites = h('ul', { class: 'rows', 'aria-label': 'Open invites' })
  const inviteHeading = h('h3', {}, 'Open invites')

  const roleSelect = <Choice extends Role>(
    roles: readonly Choice[],
    value: Choice,
    label: string,
    onChange: (role: Choice) => void,
  ) => {
    const select = h(
      'select',
      { 'aria-label': label, on: { change: () => onChange(select.value as Choice) } },
      ...roles.map((role) =>
        h('option', { value: role, selected: role === value }, ROLE_NAMES[role]),
      ),
    )
    return select
  }

  const createLink = async (role: LinkRole) => {
    const { url } = await api.invites.create(board.id, { role })
    if (url === null) return
    const field = h('input', { value: url, readonly: true, 'aria-label': 'Invite link' })
    const copy = async () => {
      field.select()
      await navigator.clipboard.writeText(url)
      toast('Link copied')
    }
    fill(
      linkBox,
      field,
      button('Copy', () => attempt(copy), 'primary'),
    )
    field.focus()
    field.select()
    await loadInvites()
  }

  const memberRow = (member: Member) => {
    const isSelf = member.userId === app.user.id
    const setRole = (role: Role) =>
      change(async () => void (await api.boards.setMemberRole(board.id, member.userId, role)))
    const remove = () =>
      attempt(async () => {
        const answer = await confirmDialog('Remove from this board', {
          text: `${isolate(member.name)} can come back only by a new invite.`,
          action: 'Remove',
          option: 'Also revoke the open invite links, which work for any account',
        })
        if (!answer) return
        await change(async () => {
          await api.boards.removeMember(board.id, member.userId, {
            revokeInvites: answer.isOptionChecked,
          })
          toast(`${isolate(member.name)} was removed from this board`)
        })
      })
    return h(
      'li',
      {},
      avatar({ id: member.userId, name: member.name }),
      h(
        'span',
        { class: 'row-text' },
        h('span', {}, h('bdi', {}, member.name), isSelf && ' (you)'),
        member.email !== null && h('span', { class: 'hint' }, member.email),
      ),
      can.manageMembers && !isSelf
        ? roleSelect(MEMBER_ROLES, member.role, `Role of ${member.name}`, setRole)
        : h('span', { class: 'hint' }, ROLE_NAMES[member.role]),
      can.manageMembers && !isSelf && iconButton('close', `Remove ${member.name}`, remove),
    )
  }

  const inviteRow = (invite: Invite) =>
    h(
      'li',
      {},
      h(
        'span',
        { class: 'row-text' },
        h('span', {}, ROLE_NAMES[invite.role]),
        h(
          'span',
          { class: 'hint' },
          `Expires ${new Date(invite.expiresAt).toLocaleDateString()}, uses: ${invite.uses}`,
        ),
      ),
      button('Revoke', () => change(() => api.invites.revoke(board.id, invite.id)), 'quiet'),
    )

  const loadMembers = inTurn(async () => {
    const { items } = await api.boards.members(board.id)
    fill(members, ...items.map(memberRow))
  })
  const loadInvites = inTurn(async () => {
    if (!can.invite) return
    const { items } = await api.invites.list(board.id)
    const open = items.filter(({ state }) => state === 'open')
    inviteHeading.hidden = open.length === 0
    fill(invites, ...open.map(inviteRow))
  })
  const load = () => Promise.all([loadMembers(), loadInvites()])
  const change = (action: () => Promise<unknown>) =>
    attempt(async () => {
      // After a refusal, show the current state again.
      await action().finally(load)
    })

  const setting = h('input', {
    type: 'checkbox',
    checked: board.viewersCanBroadcast,
    on: {
      change: () =>
        change(async () => {
          const { viewersCanBroadcast } = await api.boards.update(board.id, {
            viewersCanBroadcast: setting.checked,
          })
          setting.checked = viewersCanBroadcast
        }),
    },
  })

  let linkRole: LinkRole = 'editor'
  const create = h(
    'div',
    { class: 'invite-create' },
    roleSelect(LINK_ROLES, 'editor', 'Role for this link', (role) => {
      linkRole = role
    }),
    button('Create link', () => attempt(() => createLink(linkRole)), 'primary'),
  )
  const dialog = openDialog(
    'Share',
    can.invite && h('p', { class: 'hint' }, 'Anyone with the link can join for seven days.'),
    can.invite && create,
    linkBox,
    h('h3', {}, 'People with access'),
    members,
    can.manageMembers &&
      h('label', { class: 'setting' }, setting, 'Viewers can use the laser and reactions'),
    inviteHeading,
    invites,
  )
  inviteHeading.hidden = true
  attempt(load)

  const events = app.client.events()
  events.on('members:update', ({ data }) => {
    if (data.boardId === board.id) attempt(loadMembers)
  })
  events.on('invites:update', ({ data }) => {
    if (data.boardId === board.id) attempt(loadInvites)
  })
  events.on('resumed', ({ complete }) => {
    if (!complete) attempt(load)
  })
  dialog.addEventListener('close', () => events.close())
}
