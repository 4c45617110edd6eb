import type { BoardDetails, Workspace } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { ago, boardCard } from '../ui/board-card.ts'
import { button } from '../ui/button.ts'
import { askText } from '../ui/dialog.ts'
import { fill, h } from '../ui/dom.ts'
import type { MenuItem } from '../ui/menu.ts'
import { siteHeader, workspaceTabs } from '../ui/site-header.ts'
import { attempt, messageOf, toast } from '../ui/toast.ts'

const PAGE_SIZE = 60

/** The boards of a workspace, by default of one's own, and those of others one had open. */
export function boardsPage(app: App, workspaceId: string | undefined): Page {
  const { api } = app.client
  const main = h('main', { class: 'boards-page' }, h('p', { class: 'hint' }, 'Loading…'))
  let isClosed = false

  const load = async () => {
    const workspaces = await everyWorkspace(app)
    const current =
      workspaces.find(({ id }) => id === workspaceId) ??
      workspaces.find(({ type }) => type === 'personal') ??
      workspaces[0]
    if (!current) throw new Error('everybody has a workspace')
    const [{ items: boards, nextCursor }, guest] = await Promise.all([
      api.boards.list(current.id, { limit: PAGE_SIZE }),
      workspaceId === undefined ? guestBoards(app, workspaces) : [],
    ])
    if (!isClosed) show(workspaces, current, { boards, guest, nextCursor })
  }

  const show = (
    workspaces: readonly Workspace[],
    current: Workspace,
    lists: { boards: BoardDetails[]; guest: BoardDetails[]; nextCursor: string | null },
  ) => {
    const list = h('ul', { class: 'cards' })
    const append = (boards: readonly BoardDetails[]) => {
      for (const board of boards) list.append(card(board))
    }
    const more = (cursor: string | null): HTMLElement | null => {
      if (cursor === null) return null
      const next = button('More', () => {
        attempt(async () => {
          const page = await api.boards.list(current.id, { limit: PAGE_SIZE, cursor })
          append(page.items)
          next.replaceWith(more(page.nextCursor) ?? '')
        })
      })
      return next
    }
    append(lists.boards)
    fill(
      main,
      workspaceTabs(workspaces, current.id, button('New workspace', newWorkspace, 'quiet')),
      h(
        'div',
        { class: 'list-header' },
        h('h1', {}, current.name),
        h('span', { class: 'spacer' }),
        h('a', { class: 'button quiet', href: paths.trash(current.id) }, 'Trash'),
        current.access.can.createBoards && button('New board', () => newBoard(current), 'primary'),
      ),
      lists.boards.length > 0 ? list : emptyState(() => newBoard(current)),
      more(lists.nextCursor),
      lists.guest.length > 0 && h('h2', {}, 'Shared with you'),
      lists.guest.length > 0 && h('ul', { class: 'cards' }, ...lists.guest.map(card)),
    )
  }

  const card = (board: BoardDetails) =>
    boardCard(board, {
      thumbnailUrl: app.thumbnails.get(board.id) ?? board.thumbnailUrl,
      note: `Changed ${ago(board.updatedAt)}`,
      isLink: true,
      menu: menuOf(board),
    })

  const menuOf = (board: BoardDetails): MenuItem[] => {
    const { can } = board.access
    const items: (MenuItem | false)[] = [
      can.rename && { label: 'Rename', onChoose: () => rename(board) },
      can.duplicate && {
        label: 'Duplicate',
        onChoose: () => change(() => api.boards.duplicate(board.id)),
      },
      can.trash && {
        label: 'Move to trash',
        isDangerous: true,
        onChoose: () =>
          change(async () => {
            await api.boards.delete(board.id)
            toast(`“${board.name}” is in the trash.`)
          }),
      },
    ]
    return items.filter((item) => item !== false)
  }

  const change = (action: () => Promise<unknown>) =>
    attempt(async () => {
      await action()
      await load()
    })
  const rename = async (board: BoardDetails) => {
    const name = await askText('Rename board', {
      label: 'Name',
      value: board.name,
      action: 'Rename',
    })
    if (name !== undefined) change(() => api.boards.update(board.id, { name }))
  }
  const newBoard = ({ id }: Workspace) =>
    attempt(async () => {
      const board = await api.boards.create(id, { name: 'Untitled board' })
      app.navigate(paths.board(board.id))
    })
  const newWorkspace = () =>
    attempt(async () => {
      const name = await askText('New workspace', { label: 'Name', action: 'Create' })
      if (name === undefined) return
      const workspace = await api.workspaces.create({ name })
      app.navigate(paths.workspace(workspace.id))
    })

  load().catch((error) => {
    fill(
      main,
      h('p', { class: 'problem' }, messageOf(error)),
      button('Try again', () => attempt(load)),
    )
  })
  return {
    title: 'Boards',
    element: h('div', { class: 'site' }, siteHeader(app), main),
    close() {
      isClosed = true
    },
  }
}

/** Nobody is in so many that there is a second page. */
const MAX_WORKSPACES = 100

/** One's workspaces, the personal one first. */
async function everyWorkspace(app: App): Promise<Workspace[]> {
  const { items } = await app.client.api.workspaces.list({
    limit: MAX_WORKSPACES,
    sort: 'createdAt',
  })
  return items.toSorted((a, b) => Number(b.type === 'personal') - Number(a.type === 'personal'))
}

/** Boards of others' workspaces that were open here and that one may still see. */
async function guestBoards(app: App, workspaces: readonly Workspace[]): Promise<BoardDetails[]> {
  const own = new Set(workspaces.map(({ id }) => id))
  const answers = await Promise.allSettled(
    app.recent.list().map((id) => app.client.api.boards.get(id)),
  )
  return answers.flatMap((answer) =>
    answer.status === 'fulfilled' && !own.has(answer.value.workspaceId) ? [answer.value] : [],
  )
}

function emptyState(onCreate: () => void): HTMLElement {
  return h(
    'div',
    { class: 'empty-state' },
    h('p', {}, 'No boards yet.'),
    button('Draw the first one', onCreate, 'primary'),
  )
}
