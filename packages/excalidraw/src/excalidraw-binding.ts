import type {
  AppState,
  ExcalidrawInitialDataState,
  ExcalidrawProps,
  OnUserFollowedPayload,
} from '@excalidraw/excalidraw/types'
import { type Board, type BoardEvents, MindfuseError, type PresentUser } from '@mindfuse/client'
import { MAX_COORDINATE, sceneBounds, writeBackground } from '@mindfuse/scene'
import { busyOf } from './busy.ts'
import { Collaborators } from './collaborators.ts'
import type { ExcalidrawApi, SceneElements } from './excalidraw-api.ts'
import { fittingView } from './fitting-view.ts'
import { readLaser } from './laser-message.ts'
import { OthersDrafts } from './others-drafts.ts'
import { OthersLasers } from './others-lasers.ts'
import { Overdue } from './overdue.ts'
import { OwnDrafts } from './own-drafts.ts'
import { OwnLaser } from './own-laser.ts'
import { isFinal, type Refusal, refusalText } from './refusals.ts'
import { SceneFiles } from './scene-files.ts'
import { type EditorElement, SceneSync } from './scene-sync.ts'

/** What has been drawn for so long is written before it is done, milliseconds. */
const UNFINISHED_MS = 3_000

/** How often it is looked for who is idle, milliseconds. */
const IDLE_CHECK_MS = 10_000

/** Excalidraw's own bounds of the zoom. */
const MIN_ZOOM = 0.1
const MAX_ZOOM = 30

type PointerUpdate = Parameters<NonNullable<ExcalidrawProps['onPointerUpdate']>>[0]

/** How a board is shown. */
export interface BindingOptions {
  /** What the pointer of another user is called; their name by default. */
  nameOf?: ((user: PresentUser['user']) => string) | undefined
  /** What the user reads when something is taken back; English by default. */
  refusalText?: ((refusal: Refusal) => string) | undefined
  /** Whether the view moves to what is on the board, as soon as that is there. */
  scrollToContent?: boolean | undefined
}

/** Connects an Excalidraw to a board: elements, files, background, and who is there. */
export class ExcalidrawBinding {
  readonly #board: Board
  readonly #api: ExcalidrawApi
  readonly #files: SceneFiles
  readonly #collaborators = new Collaborators()
  readonly #nameOf: (user: PresentUser['user']) => string
  readonly #refusalText: (refusal: Refusal) => string
  readonly #ownDrafts: OwnDrafts
  readonly #othersDrafts = new OthersDrafts()
  readonly #ownLaser: OwnLaser
  readonly #othersLasers = new OthersLasers(() => this.#showCollaborators())
  readonly #unfinished = new Overdue(UNFINISHED_MS, () => this.#sync?.commitUnfinished())
  readonly #stops: (() => void)[]
  /** Whether the view moves to what is shown next: until all is here, or the user has drawn. */
  #isToScroll: boolean
  #isClosed = false
  #sync: SceneSync | undefined
  #background: string | undefined
  #selection: AppState['selectedElementIds'] | undefined
  /** The connection whose viewport is followed. */
  #followed: string | undefined

  constructor(board: Board, api: ExcalidrawApi, options: BindingOptions = {}) {
    this.#board = board
    this.#nameOf = options.nameOf ?? (({ name }) => name)
    this.#refusalText = options.refusalText ?? refusalText
    this.#isToScroll = options.scrollToContent ?? false
    this.#api = api
    this.#files = new SceneFiles(board, api, (error) => this.#notify({ kind: 'picture', error }))
    this.#ownDrafts = new OwnDrafts(board.drafts)
    this.#ownLaser = new OwnLaser((message) => {
      if (board.canBroadcast) board.broadcast('laser', message)
    })
    const showOthers = () => this.#showOthers()
    const idle = setInterval(showOthers, IDLE_CHECK_MS)
    this.#stops = [
      api.onChange((_elements, state) => this.#changed(state)),
      api.onScrollChange(() => this.#shareViewport()),
      api.onUserFollow((payload) => this.#follow(payload)),
      board.on('reset', ({ reason }) => this.#reset(reason)),
      board.on('rejected', (code) => this.#rejected(code)),
      board.on('role', () => this.#roleChanged()),
      board.on('synced', () => {
        if (this.#sync?.hasBegun) this.#isToScroll = false
      }),
      board.on('broadcast:laser', ({ payload, connectionId }) => {
        const message = readLaser(payload)
        if (message && connectionId !== null) this.#othersLasers.received(connectionId, message)
      }),
      board.assets.on('refused', ({ asset, error }) => this.#fileRefused(asset.digest, error)),
      board.drafts.on('change', () => this.#showDrafts(this.#sync)),
      board.presence.on('join', showOthers),
      board.presence.on('leave', showOthers),
      board.presence.on('sync', showOthers),
      onHidden(() => board.presence.update({ cursor: null })),
      () => this.#unfinished.close(),
      () => clearInterval(idle),
    ]
    // After React has shown what it has: in between, elements would be shown before the view has moved to them.
    queueMicrotask(() => {
      const state = api.getAppState()
      // One that is loading begins with its first change.
      if (!this.#isClosed && !state.isLoading) this.#changed(state)
    })
  }

  /** What there is to begin with, for an Excalidraw that is loading. Any other is shown it. */
  initialData(): ExcalidrawInitialDataState | null {
    if (this.#sync?.hasBegun) return null
    const sync = this.#sync ?? this.#open()
    const { background, elements } = sync.view
    const bounds = this.#isToScroll ? sceneBounds(elements) : undefined
    return {
      elements: sync.give() as unknown as SceneElements,
      appState: {
        ...(bounds && fittingView(bounds, this.#api.getAppState())),
        ...(background !== undefined && { viewBackgroundColor: background }),
      },
    }
  }

  /** The pointer moved, in the coordinates of the board. */
  pointed({ pointer: { x, y, tool }, button }: PointerUpdate): void {
    if (!Number.isFinite(x + y)) return
    this.#board.presence.update({ cursor: { x, y } })
    // In view mode a pointer that is down moves the view.
    const isLaser = tool === 'laser' && !this.#api.getAppState().viewModeEnabled
    this.#ownLaser.moved({ x, y }, isLaser && button === 'down')
  }

  /**
   * Adds a picture to the board.
   *
   * @returns its digest, its id for Excalidraw
   * @throws an error whose message is for the user: Excalidraw shows it
   */
  async addFile(file: Blob): Promise<string> {
    try {
      return await this.#files.add(file)
    } catch (cause) {
      if (!(cause instanceof MindfuseError)) throw cause
      throw new Error(this.#refusalText({ kind: 'picture', error: cause }), { cause })
    }
  }

  close(): void {
    this.#isClosed = true
    this.#sync?.commit()
    this.#ownDrafts.close()
    this.#ownLaser.close()
    this.#othersLasers.close()
    for (const stop of this.#stops) stop()
    this.#sync?.close()
    this.#board.presence.update({ cursor: null, selection: [] })
    this.#api.updateScene({ collaborators: new Map() })
  }

  #open(): SceneSync {
    this.#sync?.close()
    const sync = new SceneSync({
      doc: this.#board.doc,
      editor: {
        elements: () =>
          this.#api.getSceneElementsIncludingDeleted() as unknown as readonly EditorElement[],
        show: (elements) => this.#show(elements as unknown as SceneElements),
      },
      canEdit: () => this.#board.canEdit,
    })
    sync.view.observe((change) => {
      if (!sync.hasBegun) return
      if (change.background) this.#showBackground(sync.view.background)
      this.#files.changed(change)
    })
    this.#sync = sync
    return sync
  }

  #begin(sync: SceneSync): void {
    sync.begin()
    this.#background = this.#api.getAppState().viewBackgroundColor
    this.#showBackground(sync.view.background)
    this.#files.show(sync.view)
    this.#shareViewport()
    this.#showOthers()
    this.#showDrafts(sync)
  }

  #changed(state: AppState): void {
    const sync = this.#sync ?? this.#open()
    if (!sync.hasBegun) this.#begin(sync)
    const unwritten = sync.changed(busyOf(state))
    if (this.#board.synced || this.#api.getSceneElementsIncludingDeleted().length > 0) {
      this.#isToScroll = false
    }
    if (this.#board.canEdit) this.#ownDrafts.share(unwritten)
    this.#unfinished.note(unwritten.length > 0)
    this.#files.update()
    if (state.viewBackgroundColor !== this.#background) {
      this.#background = state.viewBackgroundColor
      if (this.#board.canEdit) writeBackground(this.#board.doc, state.viewBackgroundColor)
    }
    if (state.selectedElementIds !== this.#selection) {
      this.#selection = state.selectedElementIds
      this.#board.presence.update({ selection: Object.keys(state.selectedElementIds) })
    }
  }

  #show(elements: SceneElements): void {
    this.#api.updateScene({ elements, captureUpdate: 'NEVER' })
    if (!this.#isToScroll || !elements.some(({ isDeleted }) => !isDeleted)) return
    this.#isToScroll = false
    this.#api.scrollToContent(undefined, { fitToContent: true })
  }

  #showDrafts(sync: SceneSync | undefined): void {
    const others = this.#board.drafts.others()
    sync?.showDrafts(this.#othersDrafts.read(others, (id) => sync.view.get(id)))
  }

  #showBackground(background: string | undefined): void {
    if (background === undefined || background === this.#background) return
    this.#background = background
    this.#api.updateScene({ appState: { viewBackgroundColor: background }, captureUpdate: 'NEVER' })
  }

  #shareViewport(): void {
    const { scrollX, scrollY, zoom } = this.#api.getAppState()
    // A file whose elements lack properties leaves Excalidraw nowhere when it is opened.
    if (!Number.isFinite(scrollX + scrollY)) {
      this.#api.updateScene({ appState: { scrollX: 0, scrollY: 0 } })
      return
    }
    this.#board.presence.viewport({ x: -scrollX, y: -scrollY, zoom: zoom.value })
  }

  #showOthers(): void {
    this.#showCollaborators()
    this.#showFollowed()
  }

  #showCollaborators(): void {
    const { presence, status } = this.#board
    const collaborators = this.#collaborators.of(presence.others, {
      ownId: status.kind === 'online' ? status.user.id : undefined,
      now: performance.now(),
      nameOf: this.#nameOf,
      laserOf: (connectionId) => this.#othersLasers.at(connectionId),
    })
    this.#api.updateScene({ collaborators })
  }

  #follow({ userToFollow, action }: OnUserFollowedPayload): void {
    this.#followed = action === 'FOLLOW' ? userToFollow.socketId : undefined
    this.#showFollowed()
  }

  #showFollowed(): void {
    const { others } = this.#board.presence
    const followed = others.find(({ connectionId }) => connectionId === this.#followed)
    if (!followed?.viewport) return
    const { x, y, zoom } = followed.viewport
    // Any program may say where it looks: beyond these bounds a user would not find back.
    if (Math.max(Math.abs(x), Math.abs(y)) > MAX_COORDINATE || zoom < MIN_ZOOM || zoom > MAX_ZOOM)
      return
    const value = zoom as AppState['zoom']['value']
    this.#api.updateScene({ appState: { scrollX: -x, scrollY: -y, zoom: { value } } })
  }

  #reset(reason: BoardEvents['reset'][0]['reason']): void {
    if (!this.#sync) return
    const { hasBegun } = this.#sync
    const sync = this.#open()
    if (hasBegun) this.#begin(sync)
    if (reason === 'read_only') this.#notify({ kind: 'edit', code: reason })
  }

  #rejected(code: BoardEvents['rejected'][0]): void {
    if (!isFinal(code)) return
    this.#notify({ kind: 'edit', code })
    this.#board.discard()
  }

  #fileRefused(digest: string, error: MindfuseError): void {
    // Those go with the edits that name them.
    if (error.code === 'discarded' || error.code === 'read_only') return
    this.#files.refused(digest, error)
  }

  #roleChanged(): void {
    const sync = this.#sync
    if (!sync || this.#board.canEdit) return
    if (sync.hasUnwritten) this.#notify({ kind: 'edit', code: 'read_only' })
    sync.showAll()
  }

  #notify(refusal: Refusal): void {
    this.#api.setToast({ message: this.#refusalText(refusal), closable: true })
  }
}

function onHidden(listener: () => void): () => void {
  const hidden = () => {
    if (document.visibilityState === 'hidden') listener()
  }
  document.addEventListener('visibilitychange', hidden)
  return () => document.removeEventListener('visibilitychange', hidden)
}
