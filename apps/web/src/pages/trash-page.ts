import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { ago, boardCard } from '../ui/board-card.ts'
import { confirmDialog } from '../ui/dialog.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { siteHeader } from '../ui/site-header.ts'
import { attempt, messageOf } from '../ui/toast.ts'
import { deniedPage, refusedPage } from './simple-pages.ts'

const PAGE_SIZE = 100

/** A live list of deleted boards: restore them, or delete them permanently. */
export function trashPage(app: App, workspaceId: string): Page {
  const { boards } = app.client.api
  const content = h('div', {}, h('p', { class: 'hint' }, 'Loading…'))
  const element = h('div', { class: 'site' })

  const events = app.client.events({ workspaceId })

  const load = inTurn(async () => {
    const { items } = await boards.trash(workspaceId, { limit: PAGE_SIZE })
    const cards = items.map((board) =>
      boardCard(board, {
        thumbnailUrl: board.thumbnailUrl,
        onThumbnailEnded: reload,
        note: `Moved to trash ${ago(board.deletedAt)}`,
        isLink: false,
        menu: [
          { label: 'Restore', onChoose: () => attempt(() => boards.restore(board.id)) },
          {
            label: 'Delete permanently',
            isDangerous: true,
            onChoose: () => deletePermanently(board),
          },
        ],
      }),
    )
    fill(
      content,
      cards.length > 0
        ? h('ul', { class: 'cards' }, ...cards)
        : h('p', { class: 'empty-state' }, 'The trash is empty.'),
    )
  })
  const deletePermanently = async ({ id, name }: { id: string; name: string }) => {
    const isConfirmed = await confirmDialog('Delete permanently?', {
      text: `“${isolate(name)}” and everything on it will be deleted. This cannot be undone.`,
      action: 'Delete permanently',
    })
    if (isConfirmed) attempt(() => boards.deletePermanently(id))
  }

  const reload = () => void load().catch(fail)
  const replace = (page: Page) => {
    events.close()
    fill(element, page.element)
    document.title = `${page.title} – Mindfuse`
  }
  const fail = (error: unknown) => {
    const refused = refusedPage(error)
    if (refused) replace(refused)
    else fill(content, h('p', { class: 'problem' }, messageOf(error)))
  }
  // Moving a board to or from the trash removes it from or adds it to the list of boards.
  events.on('boards:update', reload)
  events.on('workspaces:update', reload)
  events.on('resumed', ({ complete }) => {
    if (!complete) reload()
  })
  events.on('status', (state) => {
    const denied = deniedPage(state)
    if (denied) replace(denied)
  })
  reload()
  const main = h(
    'main',
    { class: 'boards-page' },
    h(
      'div',
      { class: 'list-header' },
      h('h1', {}, 'Trash'),
      h('span', { class: 'spacer' }),
      h('a', { class: 'button quiet', href: paths.workspace(workspaceId) }, 'Back to boards'),
    ),
    content,
  )
  fill(element, siteHeader(app), main)
  return {
    title: 'Trash',
    element,
    close: () => events.close(),
  }
}
