import type { BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { attempt } from '../ui/toast.ts'
import { guestsSection } from './guests-section.ts'
import { invitesSection } from './invites-section.ts'
import { linksSection } from './links-section.ts'
import { membersSection } from './members-section.ts'
import type { Sharing } from './section.ts'

/** Who has access to a board, and by what: members, guests, links, open invites. */
export function openShareDialog(app: App, board: BoardDetails): void {
  const { can } = board.access
  const change = (action: () => Promise<unknown>) =>
    attempt(async () => {
      // After a refusal, show the current state again.
      await action().finally(load)
    })
  const sharing: Sharing = { app, board, names: new Map(), change }
  const members = membersSection(sharing)
  const guests = can.manageMembers ? guestsSection(sharing) : undefined
  const links = can.invite ? linksSection(sharing) : undefined
  const invites = can.invite ? invitesSection(sharing) : undefined

  const load = async () => {
    // Links name those who made them.
    await members.load()
    await Promise.all([guests?.load(), links?.load(), invites?.load()])
  }
  // The forms first: what is loaded below them moves no button.
  const dialog = openDialog(
    'Share',
    links?.form,
    invites?.form,
    members.element,
    can.manageMembers && broadcastSetting(sharing),
    guests?.element,
    links?.element,
    invites?.element,
  )
  attempt(load)

  const events = app.client.events()
  events.on('members:update', ({ data }) => {
    if (data.boardId === board.id) attempt(load)
  })
  events.on('invites:update', ({ data }) => {
    if (data.boardId === board.id && invites) attempt(invites.load)
  })
  events.on('resumed', ({ complete }) => {
    if (!complete) attempt(load)
  })
  dialog.addEventListener('close', () => events.close())
}

function broadcastSetting({ app, board, change }: Sharing): HTMLElement {
  const save = async () => {
    const { viewersCanBroadcast } = await app.client.api.boards.update(board.id, {
      viewersCanBroadcast: box.checked,
    })
    box.checked = viewersCanBroadcast
  }
  const box = h('input', {
    type: 'checkbox',
    checked: board.viewersCanBroadcast,
    on: { change: () => change(save) },
  })
  return h('label', { class: 'setting' }, box, 'Viewers can use the laser and reactions')
}
