import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { ago, boardCard } from '../ui/board-card.ts'
import { confirmDialog } from '../ui/dialog.ts'
import { fill, h } from '../ui/dom.ts'
import { siteHeader } from '../ui/site-header.ts'
import { attempt, messageOf } from '../ui/toast.ts'

const PAGE_SIZE = 100

/** Boards that were thrown away: bring them back, or delete them for good. */
export function trashPage(app: App, workspaceId: string): Page {
  const { boards } = app.client.api
  const content = h('div', {}, h('p', { class: 'hint' }, 'Loading…'))

  const load = async () => {
    const { items } = await boards.trash(workspaceId, { limit: PAGE_SIZE })
    const cards = items.map((board) =>
      boardCard(board, {
        thumbnailUrl: board.thumbnailUrl,
        note: `Thrown away ${ago(board.deletedAt)}`,
        isLink: false,
        menu: [
          { label: 'Restore', onChoose: () => change(() => boards.restore(board.id)) },
          { label: 'Delete for good', isDangerous: true, onChoose: () => deleteForGood(board) },
        ],
      }),
    )
    fill(
      content,
      cards.length > 0
        ? h('ul', { class: 'cards' }, ...cards)
        : h('p', { class: 'empty-state' }, 'The trash is empty.'),
    )
  }
  const change = (action: () => Promise<unknown>) =>
    attempt(async () => {
      await action()
      await load()
    })
  const deleteForGood = async ({ id, name }: { id: string; name: string }) => {
    const isConfirmed = await confirmDialog('Delete for good?', {
      text: `“${name}” and everything on it will be gone. This cannot be undone.`,
      action: 'Delete for good',
    })
    if (isConfirmed) change(() => boards.deletePermanently(id))
  }

  load().catch((error) => fill(content, h('p', { class: 'problem' }, messageOf(error))))
  const main = h(
    'main',
    { class: 'boards-page' },
    h(
      'div',
      { class: 'list-header' },
      h('h1', {}, 'Trash'),
      h('span', { class: 'spacer' }),
      h('a', { class: 'button quiet', href: paths.workspace(workspaceId) }, 'Back to the boards'),
    ),
    content,
  )
  return { title: 'Trash', element: h('div', { class: 'site' }, siteHeader(app), main) }
}
