import type { Reply } from '@mindfuse/client'
import { avatar } from '../ui/avatar.ts'
import { iconButton } from '../ui/button.ts'
import { h } from '../ui/dom.ts'
import { kindName } from '../ui/kinds.ts'
import { row, rowText } from '../ui/row.ts'
import { ROLE_NAMES } from './roles.ts'
import { listSection, type Section, type Sharing } from './section.ts'

type Guest = Reply<'GET /api/boards/{boardId}/guests'>['items'][number]

/** Most of them that are shown, those who came last; the list of the API has the others. */
const MAX_GUESTS = 50

/** Those who came to a board by links: remove them. */
export function guestsSection({ app, board, change }: Sharing): Section {
  const { links } = app.client.api
  const guestRow = ({ userId, name, kind, role }: Guest) =>
    row(
      avatar({ id: userId, name, kind }),
      rowText(h('bdi', {}, name), kindName({ kind })),
      h('span', { class: 'hint' }, ROLE_NAMES[role]),
      iconButton('close', `Remove ${name}`, () =>
        change(() => links.removeGuest(board.id, userId)),
      ),
    )
  return listSection('Came by a link', {
    label: 'Came by a link',
    read: async () => (await links.guests(board.id, { limit: MAX_GUESTS })).items,
    row: guestRow,
  })
}
