import { type BoardDetails, MindfuseError, type Workspace } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { createWhereabouts } from '../board/whereabouts.ts'
import { ago, boardCard } from '../ui/board-card.ts'
import { button } from '../ui/button.ts'
import { askText, confirmDialog } from '../ui/dialog.ts'
import { arrange, fill, h, isolate } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import type { MenuItem } from '../ui/menu.ts'
import { siteHeader, workspaceTabs } from '../ui/site-header.ts'
import { attempt, messageOf, toast } from '../ui/toast.ts'
import { invitations } from './invitations.ts'
import { openPeopleDialog } from './people-dialog.ts'
import { deniedPage, notFoundPage, refusedPage } from './simple-pages.ts'
import { usageText } from './usage-text.ts'

const PAGE_SIZE = 60

/** Live lists of the boards of a workspace (by default the personal one) and of shared boards. */
export function boardsPage(app: App, workspaceId: string | undefined): Page {
  const { api } = app.client
  const events = app.client.events()
  const invited = invitations(app, events)
  const main = h('main', { class: 'boards-page' }, h('p', { class: 'hint' }, 'Loading…'))
  const element = h('div', { class: 'site' }, siteHeader(app), invited, main)
  let shown: { update(boards: readonly BoardDetails[]): void } | undefined
  let whereabouts: ReturnType<typeof createWhereabouts> | undefined
  let isClosed = false
  const close = () => {
    isClosed = true
    events.close()
    whereabouts?.close()
  }

  const load = inTurn(async () => {
    const workspaces = await everyWorkspace(app)
    if (isClosed) return
    const current =
      workspaceId === undefined ? workspaces[0] : workspaces.find(({ id }) => id === workspaceId)
    if (!current) return replace(notFoundPage())
    whereabouts ??= createWhereabouts(app, current.id)
    shown = show(workspaces, current)
    update()
  })
  /** What was read of boards since the list has them as they are there: addresses of thumbnails end. */
  const newer = new WeakMap<BoardDetails, BoardDetails>()
  const newest = (board: BoardDetails): BoardDetails => {
    const known = newer.get(board)
    return known ? newest(known) : board
  }
  const readAgain = async (board: BoardDetails) => {
    newer.set(board, await api.boards.get(board.id))
    if (!isClosed) update()
  }
  const update = () => {
    if (!events.boards) return
    // Same order as the list route: most recently updated first.
    const boards = [...events.boards.values()]
      .map(newest)
      .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt) || b.id.localeCompare(a.id))
    shown?.update(boards)
  }
  const replace = (page: Page) => {
    shown = undefined
    close()
    fill(element, page.element)
    document.title = `${page.title} – Mindfuse`
  }
  const fail = (error: unknown) => {
    if (shown) return
    const refused = refusedPage(error)
    if (refused) return replace(refused)
    fill(
      main,
      h('p', { class: 'problem' }, messageOf(error)),
      button('Try again', () => events.connect()),
    )
  }

  events.on('boards', update)
  events.on('workspaces:update', () => load().catch(fail))
  events.on('resumed', ({ complete }) => {
    if (!complete) load().catch(fail)
  })
  events.on('status', (state) => {
    const denied = deniedPage(state)
    if (denied) return replace(denied)
    const { kind } = state
    if (kind === 'offline' || kind === 'denied') fail(new MindfuseError('network_error', kind))
  })

  const show = (workspaces: readonly Workspace[], current: Workspace) => {
    const own = new Set(workspaces.map(({ id }) => id))
    const list = h('ul', { class: 'cards' })
    const sharedHeading = h('h2', {}, 'Shared with you')
    const sharedList = h('ul', { class: 'cards' })
    const empty = emptyState(() => newBoard(current))
    const usage = usageHint(current.id)
    const card = cardsWith((board) => menuOf(board, board.workspaceId))
    // Who is no member of its workspace creates no boards there.
    const sharedCard = cardsWith((board) => [...menuOf(board, current.id), leaving(board)])
    let size = PAGE_SIZE
    const more = button('Show more', () => {
      size += PAGE_SIZE
      update()
    })
    fill(
      main,
      workspaceTabs(workspaces, current.id, button('New workspace', newWorkspace, 'quiet')),
      h(
        'div',
        { class: 'list-header' },
        h('h1', {}, current.name),
        h('span', { class: 'spacer' }),
        current.type === 'team' && button('People', () => openPeopleDialog(app, current), 'quiet'),
        current.access.can.rename &&
          h('a', { class: 'button quiet', href: paths.settings(current.id) }, 'Settings'),
        h('a', { class: 'button quiet', href: paths.trash(current.id) }, 'Trash'),
        current.access.can.createBoards && button('New board', () => newBoard(current), 'primary'),
      ),
      usage,
      list,
      more,
      sharedHeading,
      sharedList,
    )
    return {
      update(boards: readonly BoardDetails[]) {
        const here = boards.filter((board) => board.workspaceId === current.id)
        const shared =
          workspaceId === undefined ? boards.filter((board) => !own.has(board.workspaceId)) : []
        arrange(list, here.slice(0, size).map(card))
        if (here.length === 0) list.before(empty)
        else empty.remove()
        more.hidden = here.length <= size
        arrange(sharedList, shared.map(sharedCard))
        sharedHeading.hidden = shared.length === 0
      },
    }
  }

  /** Shows how much of its quotas the workspace uses, once that is much. */
  const usageHint = (id: string): HTMLElement => {
    const hint = h('p', { class: 'hint', hidden: true })
    const read = async () => {
      const text = usageText(await api.workspaces.usage(id))
      hint.textContent = text ?? ''
      hint.hidden = text === undefined
    }
    // The page works without it.
    read().catch(() => undefined)
    return hint
  }

  /** Built once per state of a board: an open menu stays open while other boards change. */
  const cardsWith = (menuOf: (board: BoardDetails) => MenuItem[]) => {
    const cards = new WeakMap<BoardDetails, HTMLElement>()
    return (board: BoardDetails): HTMLElement => {
      const known = cards.get(board)
      if (known) return known
      const made = boardCard(board, {
        thumbnailUrl: app.thumbnails.get(board.id) ?? board.thumbnailUrl,
        // The board goes on without a picture where it cannot be read.
        onThumbnailEnded: () => readAgain(board).catch(() => undefined),
        note: `Updated ${ago(board.updatedAt)}`,
        isLink: true,
        menu: menuOf(board),
        people: whereabouts?.of(board.id),
      })
      cards.set(board, made)
      return made
    }
  }

  const menuOf = (board: BoardDetails, workspaceId: string): MenuItem[] => {
    const { can } = board.access
    const items: (MenuItem | false)[] = [
      can.rename && { label: 'Rename', onChoose: () => rename(board) },
      can.duplicate && {
        label: 'Duplicate',
        onChoose: () => attempt(() => api.boards.duplicate(board.id, { workspaceId })),
      },
      can.trash && {
        label: 'Move to trash',
        isDangerous: true,
        onChoose: () =>
          attempt(async () => {
            await api.boards.delete(board.id)
            toast(`“${isolate(board.name)}” was moved to the trash`)
          }),
      },
    ]
    return items.filter((item) => item !== false)
  }

  const leaving = (board: BoardDetails): MenuItem => ({
    label: 'Leave',
    onChoose: () =>
      attempt(async () => {
        const answer = await confirmDialog('Leave this board', {
          text: `You need an invite to open “${isolate(board.name)}” again.`,
          action: 'Leave',
        })
        if (answer) await api.boards.removeMember(board.id, app.user.id)
      }),
  })

  const rename = async (board: BoardDetails) => {
    const name = await askText('Rename board', {
      label: 'Name',
      value: board.name,
      action: 'Rename',
    })
    if (name !== undefined) attempt(() => api.boards.update(board.id, { name }))
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

  return {
    title: 'Boards',
    element,
    close,
  }
}

/** One page is enough for the workspaces of any user. */
const MAX_WORKSPACES = 100

/** The user's workspaces, the personal one first. */
async function everyWorkspace(app: App): Promise<Workspace[]> {
  const { items } = await app.client.api.workspaces.list({
    limit: MAX_WORKSPACES,
    sort: 'createdAt',
  })
  return items.toSorted((a, b) => Number(b.type === 'personal') - Number(a.type === 'personal'))
}

function emptyState(onCreate: () => void): HTMLElement {
  return h(
    'div',
    { class: 'empty-state' },
    h('p', {}, 'No boards yet.'),
    button('Create your first board', onCreate, 'primary'),
  )
}
