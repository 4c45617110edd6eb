import type { Reply } from '@mindfuse/client'
import { avatar } from '../ui/avatar.ts'
import { iconButton } from '../ui/button.ts'
import { confirmDialog } from '../ui/dialog.ts'
import { h, isolate } from '../ui/dom.ts'
import { row, rowText } from '../ui/row.ts'
import { attempt, toast } from '../ui/toast.ts'
import { ROLE_NAMES, ROLES, type Role, roleSelect } from './roles.ts'
import { listSection, type Section, type Sharing } from './section.ts'

type Member = Reply<'GET /api/boards/{boardId}/members'>['items'][number]

/** The members of a board: change roles, remove people. */
export function membersSection({ app, board, names, change }: Sharing): Section {
  const { boards } = app.client.api
  const { manageMembers } = board.access.can

  const remove = async ({ userId, name }: Member) => {
    const answer = await confirmDialog('Remove from this board', {
      text: `${isolate(name)} can come back only by a new invite or link.`,
      action: 'Remove',
      option: 'Also revoke the invites and links by which they could come back',
    })
    if (!answer) return
    const revokeInvites = answer.isOptionChecked
    change(async () => {
      await boards.removeMember(board.id, userId, { revokeInvites })
      toast(`${isolate(name)} was removed from this board`)
    })
  }
  const memberRow = (member: Member) => {
    const { userId, name, email, role } = member
    const isSelf = userId === app.user.id
    const isManaged = manageMembers && !isSelf
    const onChange = (wanted: Role) => change(() => boards.setMemberRole(board.id, userId, wanted))
    return row(
      avatar({ id: userId, name }),
      rowText([h('bdi', {}, name), isSelf && ' (you)'], email),
      isManaged
        ? roleSelect(`Role of ${name}`, { roles: ROLES, value: role, onChange }).element
        : h('span', { class: 'hint' }, ROLE_NAMES[role]),
      isManaged && iconButton('close', `Remove ${name}`, () => attempt(() => remove(member))),
    )
  }
  return listSection('People with access', {
    label: 'Members',
    async read() {
      const { items } = await boards.members(board.id)
      for (const { userId, name } of items) names.set(userId, name)
      return items
    },
    row: memberRow,
  })
}
