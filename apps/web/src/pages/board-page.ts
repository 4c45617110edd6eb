import type { BoardDetails } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { boardName } from '../board/board-name.ts'
import { deniedNotice } from '../board/denied.ts'
import { Editor } from '../board/editor.ts'
import { createGuestBar } from '../board/guest-bar.ts'
import { openHelpDialog } from '../board/help-dialog.ts'
import { Lasers } from '../board/lasers.ts'
import { createPeople } from '../board/people.ts'
import { createReactions } from '../board/reactions.ts'
import { createSaveLabel } from '../board/save-state.ts'
import { createSizeLabel } from '../board/size-label.ts'
import { TextEditor } from '../board/text-editor.ts'
import { keepThumbnail } from '../board/thumbnail-keeper.ts'
import { createToolbar, createViewControls } from '../board/toolbar.ts'
import { createFollow, shareWhereabouts } from '../board/whereabouts.ts'
import { BoardModel } from '../model/board-model.ts'
import { openShareDialog } from '../sharing/share-dialog.ts'
import { bindPictures } from '../tools/add-pictures.ts'
import { bindKeyboard } from '../tools/keyboard.ts'
import { bindPointers } from '../tools/pointers.ts'
import { button } from '../ui/button.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { attempt, messageOf, toast } from '../ui/toast.ts'
import { BoardView } from '../view/board-view.ts'
import { createLaserLayer } from '../view/laser-layer.ts'
import { refusedPage } from './simple-pages.ts'

/** Why changes are not saved, where it takes people to change that. */
const REJECTIONS: Partial<Record<string, string>> = {
  too_large: 'That change was too large.',
  too_complex: 'That change was too complex.',
  board_full: 'This board is full: delete something to make room.',
  quota_exceeded:
    'This workspace has used all of its storage: delete boards permanently, or versions, to save changes again.',
}

/** A board. Fetches its name and the user's permissions from the API first. */
export function boardPage(app: App, boardId: string): Page {
  const element = h('div', { class: 'board-page' }, h('p', { class: 'hint centered' }, 'Opening…'))
  let leave: (() => void) | undefined
  let isClosed = false

  const open = async () => {
    const details = await app.client.api.boards.get(boardId)
    if (isClosed) return
    document.title = `${details.name} – Mindfuse`
    leave = showBoard(app, details, element)
  }
  const tryToOpen = () => {
    open().catch((error) => {
      const refused = refusedPage(error)
      if (refused) fill(element, refused.element)
      else {
        const again = button('Try again', tryToOpen)
        fill(element, h('p', { class: 'problem' }, messageOf(error)), again)
      }
    })
  }
  tryToOpen()
  return {
    title: 'Board',
    element,
    close() {
      isClosed = true
      leave?.()
    },
  }
}

/** @returns a function that closes the board */
function showBoard(app: App, details: BoardDetails, element: HTMLElement): () => void {
  const board = app.client.board(details.id)
  const model = new BoardModel(board)
  const lasers = new Lasers(board, app.user.id)
  const editor = new Editor(board, model, lasers)

  const save = createSaveLabel(board)
  const size = createSizeLabel(board)
  const isPerson = app.user.kind === 'person'
  const guest = app.user.kind === 'guest' ? createGuestBar(app, board) : undefined
  const people = createPeople(board, editor, app.user)
  const follow = createFollow(people.goTo)
  const reactions = createReactions(board)
  const toolbar = createToolbar(editor)
  const controls = createViewControls(editor, openHelpDialog)
  const notice = h('div', { class: 'notice', role: 'alert', hidden: true })
  const denied = h('div', { class: 'denied-place' })
  const view: BoardView = new BoardView(editor, () => textEditor.place())
  const textEditor = new TextEditor(editor, () => view.canvas.focus())
  const laserLayer = createLaserLayer(editor)
  view.element.append(textEditor.element, laserLayer.element, reactions.layer)

  const update = () => {
    for (const part of [save, size, people, reactions, toolbar, controls, guest]) part?.update()
    if (board.synced) follow()
  }
  const keys = bindKeyboard(editor, {
    canvas: view.canvas,
    onHelp: openHelpDialog,
    onReact: reactions.open,
  })
  let isFitted = false
  const stops = [
    keys.close,
    laserLayer.close,
    reactions.close,
    () => lasers.close(),
    bindPointers(view.canvas, editor, keys),
    bindPictures(view.canvas, editor),
    () => editor.pictures.close(),
    keepThumbnail(app, details, editor),
    ...(isPerson ? [shareWhereabouts(app.client, details)] : []),
    editor.changes.on(update),
    model.changes.on(update),
    board.on('saved', (isSaved) => {
      if (isSaved) notice.hidden = true
      update()
    }),
    board.on('storage', update),
    board.on('paused', update),
    board.on('size', update),
    board.presence.on('join', (user) => {
      update()
      if (user.id !== app.user.id && board.synced) toast(`${isolate(user.name)} joined`)
    }),
    board.presence.on('leave', update),
    board.presence.on('sync', update),
    board.on('synced', () => {
      if (!isFitted) editor.zoomToFit()
      isFitted = true
      update()
    }),
    board.on('status', (state) => {
      fill(denied, state.kind === 'denied' && deniedNotice(state.reason, app.user))
      if (state.kind === 'denied') denied.querySelector<HTMLElement>('a, button')?.focus()
      update()
    }),
    board.on('role', (role) => {
      if (role === 'viewer' || role === 'commenter') toast('This board is read-only for you')
      editor.changes.emit()
    }),
    board.on('reset', ({ reason }) => {
      notice.hidden = true
      if (reason === 'read_only')
        toast('Your latest changes were not saved: this board is read-only for you')
      if (reason === 'client_id_taken')
        toast('Another client used your identity on this board. Your changes are kept.')
      view.invalidate()
    }),
    board.on('rejected', (code) => {
      const text = REJECTIONS[code]
      if (!text) return
      fill(
        notice,
        `${text} Your latest changes are not saved.`,
        button('Discard them', () => board.discard()),
      )
      notice.hidden = false
    }),
    onNetworkChange(update),
    board.on('error', (error) => toast(messageOf(error))),
  ]

  const share = h(
    'button',
    {
      type: 'button',
      class: 'primary share',
      on: {
        // Permissions may have changed since the page was opened.
        click: () =>
          attempt(async () => openShareDialog(app, await app.client.api.boards.get(details.id))),
      },
    },
    icon('people'),
    h('span', {}, 'Share'),
  )
  fill(
    element,
    view.element,
    h(
      'header',
      { class: 'topbar' },
      h(
        'div',
        { class: 'panel' },
        isPerson && allBoards(),
        boardName(app, details),
        save.element,
        size.element,
      ),
      h('span', { class: 'spacer' }),
      h(
        'div',
        { class: 'panel' },
        people.element,
        reactions.trigger,
        isPerson ? share : guest?.element,
      ),
    ),
    notice,
    toolbar.element,
    controls.element,
    denied,
  )
  update()
  view.canvas.focus({ preventScroll: true })

  return () => {
    for (const stop of stops) stop()
    view.close()
    model.close()
    attempt(() => board.close())
  }
}

function allBoards(): HTMLElement {
  return h(
    'a',
    { class: 'icon-button', href: paths.home, title: 'All boards', 'aria-label': 'All boards' },
    icon('left'),
  )
}

/** @returns a function that stops it */
function onNetworkChange(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}
